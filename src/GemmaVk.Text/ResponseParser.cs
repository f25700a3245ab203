using System;
using System.Collections.Generic;
using System.Text;

namespace GemmaVk.Text;

/// <summary>What was still open when the output ended.</summary>
public enum OpenPart
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A thought.</summary>
    Thinking,

    /// <summary>A call: it is never made, and its text is given as unread.</summary>
    ToolCall,
}

/// <summary>What one more piece added.</summary>
/// <param name="Thinking">Text to add to the thinking shown.</param>
/// <param name="Content">Text to add to the answer shown.</param>
/// <param name="Call">A call that is complete now.</param>
/// <param name="Unread">Text of a call that cannot be read, or was cut off: not a part of <paramref name="Content"/>. Null for none.</param>
/// <param name="Part">What became certain of a call that is still being written, for those who show it before it is complete; null for nothing.</param>
public readonly record struct ResponseDelta(string Thinking, string Content, ToolCall? Call, string? Unread = null, CallPart? Part = null);

/// <summary>
/// Parts the model's output into thinking, answer and tool calls while it streams. Only real control tokens part it; ordinary tokens that
/// spell one are text. What was shown never disappears later. Takes any output and never throws on it. Not for several threads.
/// Source: llama.cpp's and vLLM's parsers for the published behaviour.
/// </summary>
public sealed class ResponseParser
{
    private const string Label = "thought";
    private const string Header = "model\n";

    private readonly StringBuilder _thinking = new();
    private readonly StringBuilder _content = new();
    private readonly List<ToolCall> _calls = [];
    private readonly List<string> _malformed = [];
    private readonly StringBuilder _answer = new();
    private readonly List<string> _unread = [];
    private State _state;

    /// <summary>Text that may still turn out to be the label of a thought or the header of a turn.</summary>
    private string _held = "";
    private ToolCallText _call = new();
    private CallPieces _pieces = new();
    private int _thinkingGiven;
    private int _contentGiven;
    private int _unreadGiven;
    private int _answered;
    private bool _finished;

    /// <summary>Starts at the end of a prompt.</summary>
    /// <param name="inThought">Whether the prompt ended inside a thought, <see cref="ChatPrompt.EndsInThought"/>.</param>
    public ResponseParser(bool inThought = false)
    {
        if (inThought)
        {
            Enter(State.ThoughtStart, OpenPart.Thinking);
        }
    }

    private enum State
    {
        Content,
        TurnHeader,
        ThoughtLabel,
        ThoughtStart,
        Thought,
        Call,
        Stopped,
    }

    /// <summary>What the model thought so far, all thoughts together.</summary>
    public string Thinking => _thinking.ToString();

    /// <summary>The answer so far.</summary>
    public string Content => _content.ToString();

    /// <summary>The calls that are complete.</summary>
    public IReadOnlyList<ToolCall> ToolCalls => _calls;

    /// <summary>Text of calls that were closed or cut by a stop token but do not follow the grammar.</summary>
    public IReadOnlyList<string> MalformedCalls => _malformed;

    /// <summary>Text of all calls that were not made: those, and after <see cref="Finish"/> one that was cut off.</summary>
    public IReadOnlyList<string> UnreadCalls => _unread;

    /// <summary>The answer so far with the text of <see cref="UnreadCalls"/> where they stood, on lines of their own: nothing is lost.</summary>
    public string Answer => _answer.ToString() + _content.ToString(_answered, _content.Length - _answered);

    /// <summary>The control token that ended the output, or null; everything after it is ignored.</summary>
    public string? Stop { get; private set; }

    /// <summary>What is open now, and after the end what was cut off.</summary>
    public OpenPart Open { get; private set; }

    /// <summary>Takes what the detokenizer gave for one token.</summary>
    public ResponseDelta Append(DetokenizedPiece piece)
    {
        TakeText(piece.Text);
        ToolCall? call = piece.Control is { } control ? TakeControl(control) : null;
        return Delta(call);
    }

    /// <summary>Takes a piece of text, or one control token.</summary>
    public ResponseDelta Append(string piece, bool isControl) =>
        Append(isControl ? new DetokenizedPiece("", piece) : new DetokenizedPiece(piece, null));

    /// <summary>Ends the output; what was held back and is no label after all is given.</summary>
    public ResponseDelta Finish()
    {
        Release();
        if (_state == State.Call && !_finished)
        {
            Lose(_call.ToString());
        }

        _finished = true;
        return Delta(null);
    }

    private ResponseDelta Delta(ToolCall? call)
    {
        var delta = new ResponseDelta(_thinking.ToString(_thinkingGiven, _thinking.Length - _thinkingGiven),
            _content.ToString(_contentGiven, _content.Length - _contentGiven), call,
            _unreadGiven == _unread.Count ? null : string.Join('\n', _unread.GetRange(_unreadGiven, _unread.Count - _unreadGiven)), _pieces.Take());
        _unreadGiven = _unread.Count;
        _thinkingGiven = _thinking.Length;
        _contentGiven = _content.Length;
        return delta;
    }

    private void TakeText(string text)
    {
        switch (_state)
        {
            case State.Content:
                _content.Append(text);
                break;
            case State.Call:
                _call.Append(text);
                _pieces.Append(text);
                break;
            case State.Thought:
                _thinking.Append(text);
                break;
            case State.ThoughtStart:
                // A thought starts at its first character that is not white space.
                text = text.TrimStart();
                _thinking.Append(text);
                _state = text.Length > 0 ? State.Thought : _state;
                break;
            case State.ThoughtLabel:
                _held = (_held + text).TrimStart();
                if (_held.Length >= Label.Length || !Label.StartsWith(_held, StringComparison.Ordinal))
                {
                    Release();
                }

                break;
            case State.TurnHeader:
                _held += text;
                if (_held.Length >= Header.Length || !Header.StartsWith(_held, StringComparison.Ordinal))
                {
                    Release();
                }

                break;
        }
    }

    /// <summary>Decides on held text: a label, even one cut short, or a header goes; anything else is what the model wrote.</summary>
    private void Release()
    {
        string held = _held;
        _held = "";
        if (_state == State.ThoughtLabel && held.Length > 0)
        {
            _state = State.ThoughtStart;
            bool label = held.StartsWith(Label, StringComparison.Ordinal);
            bool cut = Label.StartsWith(held, StringComparison.Ordinal);
            TakeText(label ? held[Label.Length..] : cut ? "" : held);
        }
        else if (_state == State.TurnHeader)
        {
            _state = State.Content;
            TakeText(held.StartsWith(Header, StringComparison.Ordinal) ? held[Header.Length..] : held);
        }
    }

    private ToolCall? TakeControl(string control)
    {
        if (_state == State.Stopped)
        {
            return null;
        }

        if (_state == State.Call)
        {
            return TakeControlInCall(control);
        }

        Release();
        switch (control)
        {
            case ControlText.Eos or ControlText.TurnClose or ControlText.ToolResponseOpen:
                Stop = control;
                _state = State.Stopped;
                break;
            case ControlText.ChannelOpen:
                Enter(State.ThoughtLabel, OpenPart.Thinking);
                break;
            case ControlText.ChannelClose:
                Enter(State.Content, OpenPart.None);
                break;
            case ControlText.ToolCallOpen:
                (_call, _pieces) = (new ToolCallText(), new CallPieces());
                Enter(State.Call, OpenPart.ToolCall);
                break;
            case ControlText.TurnOpen when _state == State.Content:
                Enter(State.TurnHeader, OpenPart.None);
                break;
        }

        return null;
    }

    private ToolCall? TakeControlInCall(string control)
    {
        if (control == ControlText.Quote)
        {
            _call.AppendQuote();
            _pieces.AppendQuote();
            return null;
        }

        if (_call.InString)
        {
            _call.Append(control);
            _pieces.Append(control);
            return null;
        }

        switch (control)
        {
            case ControlText.ToolCallClose when _call.TryRead(out ToolCall? call):
                _calls.Add(call);
                Enter(State.Content, OpenPart.None);
                return call;
            case ControlText.ToolCallClose:
                Malformed();
                Enter(State.Content, OpenPart.None);
                break;
            case ControlText.ToolCallOpen:
                Malformed();
                (_call, _pieces) = (new ToolCallText(), new CallPieces());
                break;
            case ControlText.Eos or ControlText.TurnClose or ControlText.ToolResponseOpen:
                Malformed();
                Stop = control;
                Enter(State.Stopped, OpenPart.None);
                break;
            default:
                _call.AppendStray(control);
                _pieces.AppendStray();
                break;
        }

        return null;
    }

    private void Malformed()
    {
        _malformed.Add(_call.ToString());
        Lose(_call.ToString());
    }

    /// <summary>Keeps the text of a call that is not made.</summary>
    private void Lose(string call)
    {
        _unread.Add(call);
        _answer.Append(_content, _answered, _content.Length - _answered);
        _answered = _content.Length;
        if (_answer.Length > 0 && _answer[^1] != '\n')
        {
            _answer.Append('\n');
        }

        _answer.Append(call).Append('\n');
    }

    private void Enter(State state, OpenPart open)
    {
        _state = state;
        Open = open;
    }
}
