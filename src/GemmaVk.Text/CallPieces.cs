using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace GemmaVk.Text;

/// <summary>
/// Follows a call while it is written, and says what of its arguments is certain as JSON: strings letter by letter, other values once they are whole. Only
/// what a call is meant to look like counts (<see cref="ToolCallText"/> without its forgiveness): from the first odd character on nothing more is certain until the
/// call is read as a whole.
/// </summary>
internal sealed class CallPieces
{
    private const string Begin = "call:";
    private const string One = "call:v{v:";
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _certain = new();
    private readonly StringBuilder _word = new();
    private readonly HashSet<string> _keys = [];
    private ToolCallText _value = new();
    private State _state;
    private int _depth;
    private string? _name;

    // Bracket or comma and the key, until its value begins to be certain.
    private string _pending = "";
    private string _half = "";

    private enum State
    {
        Name,
        Key,
        ValueStart,
        Text,
        Value,
        AfterText,
        Unsure,
    }

    /// <summary>What became certain since this was asked last, or null for nothing.</summary>
    public CallPart? Take()
    {
        if (_name is null && _certain.Length == 0)
        {
            return null;
        }

        CallPart part = new(_name, _certain.ToString());
        _certain.Clear();
        _name = null;
        return part;
    }

    /// <summary>Takes ordinary text.</summary>
    public void Append(string text)
    {
        foreach (char c in text)
        {
            Append(c);
        }
    }

    /// <summary>Takes a quote token.</summary>
    public void AppendQuote()
    {
        switch (_state)
        {
            case State.ValueStart:
                Emit('"');
                _state = State.Text;
                break;
            case State.Text:
                Emit('"');
                _state = State.AfterText;
                break;
            case State.Value:
                _value.AppendQuote();
                break;
            default:
                _state = State.Unsure;
                break;
        }
    }

    /// <summary>Takes something that no call can hold.</summary>
    public void AppendStray() => _state = State.Unsure;

    private void Append(char c)
    {
        switch (_state)
        {
            case State.Name when c == '{':
                string word = _word.ToString();
                _state = word.StartsWith(Begin, StringComparison.Ordinal) && word.Length > Begin.Length && word.AsSpan(Begin.Length).IndexOfAnyExcept(ToolCallText.NameLetters) < 0 ? State.Key : State.Unsure;
                _name = _state == State.Key ? word[Begin.Length..] : null;
                _word.Clear();
                break;
            case State.Key when c == ':':
                Key(_word.ToString());
                _word.Clear();
                break;
            case State.Name or State.Key:
                _word.Append(c);
                break;
            case State.Text:
                // Half of a surrogate pair waits for the other.
                _half += c;
                if (!char.IsHighSurrogate(c))
                {
                    _certain.Append(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(_half));
                    _half = "";
                }

                break;
            case State.AfterText:
                _state = c == ',' ? State.Key : State.Unsure;
                break;
            case State.ValueStart:
                _value = new ToolCallText();
                _value.Append(One);
                _state = State.Value;
                Value(c);
                break;
            case State.Value:
                Value(c);
                break;
        }
    }

    private void Key(string key)
    {
        // Of a key that comes twice the last value counts, and the first is given already: CallPart.Rest mends that.
        if (key.Length == 0 || !key.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || !_keys.Add(key))
        {
            _state = State.Unsure;
            return;
        }

        _pending = $"{(_keys.Count == 1 ? '{' : ',')}\"{key}\":";
        _state = State.ValueStart;
    }

    private void Emit(char c)
    {
        _certain.Append(_pending).Append(c);
        _pending = "";
    }

    private void Value(char c)
    {
        if (_value.InString)
        {
            _value.Append(c.ToString());
            return;
        }

        if (_depth == 0 && (c is ',' or '}'))
        {
            EndValue(c);
            return;
        }

        // Marks of JSON or Python may hold any of these signs.
        _state = c is '"' or '\'' ? State.Unsure : _state;
        _depth += c is '{' or '[' ? 1 : c is '}' or ']' ? -1 : 0;
        _value.Append(c.ToString());
    }

    private void EndValue(char c)
    {
        _value.Append("}");
        if (_value.TryRead(out ToolCall? read) && read.Arguments.TryGetProperty("v", out JsonElement value))
        {
            using System.IO.MemoryStream stream = new();
            using (Utf8JsonWriter json = new(stream, Options))
            {
                value.WriteTo(json);
            }

            _certain.Append(_pending).Append(Encoding.UTF8.GetString(stream.ToArray()));
            _pending = "";
            _state = c == ',' ? State.Key : State.Unsure;
            return;
        }

        _state = State.Unsure;
    }
}
