using System;
using System.Collections.Generic;
using System.Text;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Server.Http;
using GemmaVk.Text;

namespace GemmaVk.Server.Answers;

/// <summary>One answer of a request as it grows. What an API shows of it is made of these: words, thoughts and whole calls, in the order they came.</summary>
/// <param name="index">Which of the request's answers.</param>
/// <param name="showsThinking">Whether thoughts are given.</param>
/// <param name="pieces">Whether calls are given while they are written.</param>
internal sealed class Choice(int index, bool showsThinking, bool pieces = false)
{
    private readonly StringBuilder _content = new();
    private readonly StringBuilder _thinking = new();
    private readonly List<(string Id, ToolCall Call)> _calls = [];
    private readonly List<AnswerToken> _tokens = [];
    private readonly StringBuilder _given = new();

    // The call whose pieces are given now, and how many were begun: a call that was begun and cannot be read keeps its number.
    private string? _begun;
    private int _numbers;

    /// <summary>Which of the request's answers.</summary>
    public int Index => index;

    /// <summary>Its words, with the text of calls that could not be read.</summary>
    public string Content => _content.ToString();

    /// <summary>Its thoughts.</summary>
    public string Thinking => _thinking.ToString();

    /// <summary>All of it as one text, for an API that knows no parts.</summary>
    public string Written { get; set; } = "";

    /// <summary>Its calls and their ids.</summary>
    public IReadOnlyList<(string Id, ToolCall Call)> Calls => _calls;

    /// <summary>Its tokens so far, where they are wanted.</summary>
    public IReadOnlyList<AnswerToken> Tokens => _tokens;

    /// <summary>The whole answer, at its end.</summary>
    public Answer? Answer { get; private set; }

    /// <summary>Why it ended, in OpenAI's words: stop, length or tool_calls; null before.</summary>
    public string? Finish => Answer is not { } answer ? null
        : _calls.Count > 0 ? "tool_calls"
        : answer.Stop == StopReason.Stop ? "stop"
        : "length";

    /// <summary>Takes what happened, and gives what is to be shown of it: thoughts, words and calls, each apart from the others.</summary>
    public IEnumerable<Shown> Take(AnswerEvent happened)
    {
        _tokens.AddRange(happened.Tokens);
        Answer = happened.Done ?? Answer;
        IReadOnlyList<AnswerToken> tokens = happened.Tokens;
        ResponseDelta delta = happened.Delta;
        if (delta.Thinking.Length > 0 && showsThinking)
        {
            _thinking.Append(delta.Thinking);
            yield return new Shown(delta.Thinking, "", null, Once(ref tokens));
        }

        string words = delta.Content;
        if (delta.Unread is { } unread)
        {
            // A call that cannot be read stays visible, on a line of its own.
            string before = _content + words;
            words += $"{(before.Length == 0 || before[^1] == '\n' ? "" : "\n")}{unread}\n";
            _begun = null;
        }

        if (words.Length > 0)
        {
            _content.Append(words);
            yield return new Shown("", words, null, Once(ref tokens));
        }

        if (pieces && delta.Part is { } part && (part.Name is not null || _begun is not null))
        {
            if (part.Name is not null)
            {
                (_begun, _numbers) = (NewId(), _numbers + 1);
                _given.Clear();
            }

            _given.Append(part.Arguments);
            yield return new Shown("", "", new ShownCall(_begun!, _numbers - 1, part.Name, part.Arguments, null), Once(ref tokens));
        }

        if (delta.Call is { } call)
        {
            string arguments = JsonText.Compact(call.Arguments);
            bool begun = _begun is not null;
            string id = _begun ?? NewId();
            _numbers += begun ? 0 : 1;
            _begun = null;
            _calls.Add((id, call));
            yield return new Shown("", "", new ShownCall(id, _numbers - 1, begun ? null : call.Name, begun ? CallPart.Rest(_given.ToString(), arguments) : arguments, call), Once(ref tokens));
        }

        if (tokens.Count > 0)
        {
            yield return new Shown("", "", null, tokens);
        }
    }

    private static string NewId() => $"call_{Guid.NewGuid():N}"[..29];

    private static IReadOnlyList<AnswerToken> Once(ref IReadOnlyList<AnswerToken> tokens)
    {
        IReadOnlyList<AnswerToken> given = tokens;
        tokens = [];
        return given;
    }
}

/// <summary>What one step shows of an answer; one of thoughts, words and call, or none of them.</summary>
/// <param name="Thinking">Thoughts.</param>
/// <param name="Content">Words.</param>
/// <param name="Call">A call, or a piece of one.</param>
/// <param name="Tokens">The tokens that it came from, where they are wanted.</param>
internal readonly record struct Shown(string Thinking, string Content, ShownCall? Call, IReadOnlyList<AnswerToken> Tokens);

/// <summary>A call, whole or a piece of it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Which of the answer's calls.</param>
/// <param name="Name">Its name, with the first piece.</param>
/// <param name="Arguments">Its arguments as JSON, or more of them.</param>
/// <param name="Whole">The call, once it is complete.</param>
internal sealed record ShownCall(string Id, int Number, string? Name, string Arguments, ToolCall? Whole);
