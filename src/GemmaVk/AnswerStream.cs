using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>From the tokens of an answer to its parts, up to the first text that is to end it.</summary>
internal sealed class AnswerStream : IDisposable
{
    private readonly StreamingDetokenizer _detokenizer;
    private readonly ResponseParser _parser;
    private readonly StopTexts? _stops;
    private readonly StringBuilder _content = new();
    private readonly Action<ResponseDelta>? _onDelta;
    private readonly CancellationTokenSource? _ended;
    private readonly CancellationToken _cancel;
    private readonly bool _singleCall;
    private int _thinkingTokens;

    public AnswerStream(BpeTokenizer tokenizer, bool inThought, AskOptions options, Action<ResponseDelta>? onDelta, CancellationToken cancel)
    {
        _detokenizer = new StreamingDetokenizer(tokenizer);
        _parser = new ResponseParser(inThought);
        _onDelta = onDelta;
        _cancel = cancel;
        _singleCall = options.SingleCall;
        if (options.StopTexts.Count > 0)
        {
            _stops = new StopTexts(options.StopTexts);
        }

        if (_stops is not null || _singleCall)
        {
            _ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        }
    }

    /// <summary>Cancelled by the caller, and where a text ended the answer.</summary>
    public CancellationToken Token => _ended?.Token ?? _cancel;

    /// <summary>Whether the answer was ended behind its first call.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Takes the next token.</summary>
    public void Take(int id)
    {
        bool thinks = _parser.Open == OpenPart.Thinking;
        ResponseDelta delta = _parser.Append(_detokenizer.Append(id));
        _thinkingTokens += thinks || _parser.Open == OpenPart.Thinking ? 1 : 0;
        if (_singleCall && delta.Call is not null)
        {
            IsCut = true;
            _ended!.Cancel();
        }

        Give(delta, ends: false);
    }

    /// <summary>Ends the stream.</summary>
    public Answer Finish(Generation generation)
    {
        Give(_parser.Append(_detokenizer.Finish(), isControl: false), ends: false);
        Give(_parser.Finish(), ends: true);
        return new Answer(
            _stops is null ? _parser.Answer : _content.ToString(),
            _parser.Thinking,
            _parser.ToolCalls,
            generation.Ids,
            _stops is { Found: true } || IsCut ? StopReason.Stop : generation.Stop,
            generation.Stats)
        {
            UnreadCalls = _parser.UnreadCalls,
            ThinkingTokens = _thinkingTokens,
            Logprobs = generation.Logprobs,
            Open = _parser.Open,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _ended?.Dispose();

    private void Give(ResponseDelta delta, bool ends)
    {
        if (_stops is not null)
        {
            string content = _stops.Append(delta.Content) + (ends && !_stops.Found ? _stops.Finish() : "");
            _content.Append(content);
            if (delta.Unread is { } unread && !_stops.Found)
            {
                _content.Append(_content.Length == 0 || _content[^1] == '\n' ? "" : "\n").Append(unread).Append('\n');
            }

            delta = delta with { Content = content };
            if (_stops.Found)
            {
                _ended!.Cancel();
            }
        }

        _onDelta?.Invoke(delta);
    }
}
