using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GemmaVk.Text;

/// <summary>
/// The text between the tokens of a call, collected piece by piece and read as
/// <code>
/// call   := "call:" name object          name = letters, digits, '_', '.', '-', ':', '/', '@', '$'
/// object := "{" [key ":" value ("," key ":" value)* [","]] "}"
/// value  := quote chars quote | object | "[" values "]" | number | true | false | null | bare word
/// </code>
/// A string runs from quote token to quote token and may hold anything. Forgiving where models are sloppy (white space, trailing
/// commas, quoted keys, the quotes and words of JSON and Python), never throwing. NaN and Infinity are words: JSON has no such numbers.
/// </summary>
internal sealed partial class ToolCallText
{
    /// <summary>System.Text.Json reads 64 levels; nothing a tool takes comes near.</summary>
    private const int DeepestValue = 60;

    /// <summary>What a name is written in, as far as that is ASCII.</summary>
    public static readonly SearchValues<char> NameLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:/@$-");

    private readonly StringBuilder _text = new();

    /// <summary>Where in the text quote tokens stand (ordinary text that spells one is not a quote).</summary>
    private readonly HashSet<int> _quotes = [];
    private bool _stray;
    private string _body = "";
    private int _at;

    /// <summary>Whether a string is open, in which control tokens are ordinary text.</summary>
    public bool InString => (_quotes.Count & 1) == 1;

    /// <summary>Takes ordinary text.</summary>
    public void Append(string text) => _text.Append(text);

    /// <summary>Takes a quote token.</summary>
    public void AppendQuote()
    {
        _quotes.Add(_text.Length);
        _text.Append('"');
    }

    /// <summary>Takes a control token that no call can hold: the call cannot be read any more, and its text shows why.</summary>
    public void AppendStray(string control)
    {
        _text.Append(control);
        _stray = true;
    }

    /// <summary>The text so far, quote tokens as plain quotation marks.</summary>
    public override string ToString() => _text.ToString();

    /// <summary>Reads the finished call.</summary>
    public bool TryRead([NotNullWhen(true)] out ToolCall? call)
    {
        call = null;
        _body = _text.ToString();
        _at = 0;
        SkipSpace();
        if (_stray || !_body.AsSpan(_at).StartsWith("call:", StringComparison.Ordinal))
        {
            return false;
        }

        _at += 5;
        int brace = _body.IndexOf('{', _at);
        string name = brace < 0 ? "" : Unquoted(_body[_at..brace].Trim());
        if (!NamePattern().IsMatch(name))
        {
            return false;
        }

        _at = brace;
        if (!TryObject(0, out JsonObject? arguments))
        {
            return false;
        }

        SkipSpace();
        if (_at < _body.Length)
        {
            return false;
        }

        call = new ToolCall(name, JsonElement.Parse(arguments.ToJsonString()));
        return true;
    }

    private bool TryObject(int depth, [NotNullWhen(true)] out JsonObject? value)
    {
        value = new JsonObject();
        _at++;
        while (depth < DeepestValue)
        {
            SkipSpace();
            if (Take('}'))
            {
                return true;
            }

            if (!TryKey(out string? key) || !TryValue(depth + 1, out JsonNode? item))
            {
                break;
            }

            value[key] = item;
            SkipSpace();
            if (!Take(',') && !Next('}'))
            {
                break;
            }
        }

        value = null;
        return false;
    }

    private bool TryArray(int depth, [NotNullWhen(true)] out JsonArray? value)
    {
        value = [];
        _at++;
        while (depth < DeepestValue)
        {
            SkipSpace();
            if (Take(']'))
            {
                return true;
            }

            if (!TryValue(depth + 1, out JsonNode? item))
            {
                break;
            }

            value.Add(item);
            SkipSpace();
            if (!Take(',') && !Next(']'))
            {
                break;
            }
        }

        value = null;
        return false;
    }

    private bool TryKey([NotNullWhen(true)] out string? key)
    {
        if (_quotes.Contains(_at))
        {
            if (!TryString(out key))
            {
                return false;
            }

            SkipSpace();
            return Take(':');
        }

        Quoted quoted = TryQuoted(":", out key!);
        if (quoted != Quoted.None)
        {
            return quoted == Quoted.Read && Take(':');
        }

        key = Bare(":,{}[]");
        return key.Length > 0 && Take(':');
    }

    private bool TryValue(int depth, out JsonNode? value)
    {
        SkipSpace();
        value = null;
        if (_quotes.Contains(_at))
        {
            bool closed = TryString(out string? text);
            value = text;
            return closed;
        }

        Quoted quoted = TryQuoted(",}]", out string ordinary);
        if (quoted != Quoted.None)
        {
            value = ordinary;
            return quoted == Quoted.Read;
        }

        if (Next('{'))
        {
            bool read = TryObject(depth, out JsonObject? nested);
            value = nested;
            return read;
        }

        if (Next('['))
        {
            bool read = TryArray(depth, out JsonArray? list);
            value = list;
            return read;
        }

        string word = Bare(",{}[]");
        value = word.ToLowerInvariant() switch
        {
            "null" or "none" or "nil" => null,
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            _ when NumberPattern().IsMatch(word) => JsonNode.Parse(word),
            _ => JsonValue.Create(word),
        };
        return word.Length > 0;
    }

    private bool TryString([NotNullWhen(true)] out string? text)
    {
        int start = ++_at;
        while (_at < _body.Length && !_quotes.Contains(_at))
        {
            _at++;
        }

        bool closed = _at < _body.Length;
        text = closed ? _body[start.._at] : null;
        _at++;
        return closed;
    }

    /// <summary>Text up to one of the given characters, a quote token or the end, without the space around it.</summary>
    private string Bare(string ends)
    {
        int start = _at;
        while (_at < _body.Length && !ends.Contains(_body[_at], StringComparison.Ordinal) && !_quotes.Contains(_at))
        {
            _at++;
        }

        return _body[start.._at].Trim();
    }

    private static string Unquoted(string name) =>
        name is ['"', .., '"'] or ['\'', .., '\''] && name.Length > 2 ? name[1..^1] : name;

    private bool Next(char c) => _at < _body.Length && _body[_at] == c;

    private bool Take(char c)
    {
        bool here = Next(c);
        _at += here ? 1 : 0;
        return here;
    }

    private void SkipSpace()
    {
        while (_at < _body.Length && char.IsWhiteSpace(_body[_at]))
        {
            _at++;
        }
    }

    [GeneratedRegex(@"^[\w.:/@$\-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();
}
