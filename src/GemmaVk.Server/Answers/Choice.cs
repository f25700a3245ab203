using System;
using System.Collections.Generic;
using System.Text;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Text;

namespace GemmaVk.Server.Answers;

/// <summary>One answer of a request as it grows. What an API shows of it is made of these: words, thoughts and whole calls, in the order they came.</summary>
/// <param name="index">Which of the request's answers.</param>
/// <param name="showsThinking">Whether thoughts are given.</param>
internal sealed class Choice(int index, bool showsThinking)
{
    private readonly StringBuilder _content = new();
    private readonly StringBuilder _thinking = new();
    private readonly List<(string Id, ToolCall Call)> _calls = [];
    private readonly List<AnswerToken> _tokens = [];

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
            yield return new Shown(delta.Thinking, "", null, null, Once(ref tokens));
        }

        string words = delta.Content;
        if (delta.Unread is { } unread)
        {
            // A call that cannot be read stays visible, on a line of its own.
            string before = _content + words;
            words += $"{(before.Length == 0 || before[^1] == '\n' ? "" : "\n")}{unread}\n";
        }

        if (words.Length > 0)
        {
            _content.Append(words);
            yield return new Shown("", words, null, null, Once(ref tokens));
        }

        if (delta.Call is { } call)
        {
            string id = $"call_{Guid.NewGuid():N}"[..29];
            _calls.Add((id, call));
            yield return new Shown("", "", id, call, Once(ref tokens));
        }

        if (tokens.Count > 0)
        {
            yield return new Shown("", "", null, null, tokens);
        }
    }

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
/// <param name="CallId">Id of the call.</param>
/// <param name="Call">A call.</param>
/// <param name="Tokens">The tokens that it came from, where they are wanted.</param>
internal readonly record struct Shown(string Thinking, string Content, string? CallId, ToolCall? Call, IReadOnlyList<AnswerToken> Tokens);
