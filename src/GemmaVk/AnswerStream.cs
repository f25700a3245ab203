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

    public AnswerStream(BpeTokenizer tokenizer, bool inThought, IReadOnlyList<string> stopTexts, Action<ResponseDelta>? onDelta, CancellationToken cancel)
    {
        _detokenizer = new StreamingDetokenizer(tokenizer);
        _parser = new ResponseParser(inThought);
        _onDelta = onDelta;
        _cancel = cancel;
        if (stopTexts.Count > 0)
        {
            _stops = new StopTexts(stopTexts);
            _ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        }
    }

    /// <summary>Cancelled by the caller, and where a text ended the answer.</summary>
    public CancellationToken Token => _ended?.Token ?? _cancel;

    /// <summary>Takes the next token.</summary>
    public void Take(int id) => Give(_parser.Append(_detokenizer.Append(id)), ends: false);

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
            _stops is { Found: true } ? StopReason.Stop : generation.Stop,
            generation.Stats)
        {
            UnreadCalls = _parser.UnreadCalls,
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
