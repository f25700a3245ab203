using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Documents.Answers;

/// <summary>
/// Reads passages that no context holds at once in parts, each together with a summary of those before it; what is left is a summary of all, with marks. What no summary
/// keeps, the answer cannot know.
/// </summary>
/// <param name="engine">The model.</param>
/// <param name="context">Most positions of each conversation.</param>
public sealed class RollingSummary(GemmaEngine engine, int context)
{
    private const int Turns = 48;
    private const int ShortestHalf = 80;

    private readonly int _summaryTokens = Math.Clamp(context / 8, 16, 512);

    /// <summary>Into how many parts the passages go.</summary>
    public int Parts(IReadOnlyList<Passage> passages, string question) => Steps(passages, question).Count;

    /// <summary>The summary of all parts.</summary>
    /// <param name="passages">In reading order.</param>
    /// <param name="question">What it must serve.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="onPart">Called with each part's summary.</param>
    /// <param name="cancel">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="GemmaVkException">The context is too small for a single passage.</exception>
    public string Of(IReadOnlyList<Passage> passages, string question, AskOptions options, Action<int, int, string>? onPart, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<List<Passage>> steps = Steps(passages, question);
        AskOptions brief = new() { Draw = options.Draw, MaxTokens = _summaryTokens };
        string summary = "";
        for (int i = 0; i < steps.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            using GemmaSession session = engine.NewSession(context);
            Answer answer = session.Ask(Text(summary, QuotedPassages.Of(steps[i]), question, i + 1, steps.Count), brief, null, cancel);
            if (answer.Stop == StopReason.Cancelled)
            {
                throw new OperationCanceledException(cancel);
            }

            summary = answer.Text.Trim();
            onPart?.Invoke(i + 1, steps.Count, summary);
        }

        return summary;
    }

    private List<List<Passage>> Steps(IReadOnlyList<Passage> passages, string question)
    {
        int room = context - Turns - (2 * _summaryTokens) - Count(Text("s", "", question, 9999, 9999));
        List<List<Passage>> steps = [];
        int used = int.MaxValue;
        foreach ((Passage passage, int tokens) in passages.SelectMany(each => Fitting(each, room)))
        {
            if (used > room - tokens)
            {
                steps.Add([]);
                used = 0;
            }

            steps[^1].Add(passage);
            used += tokens;
        }

        return steps;
    }

    // A passage that is too long alone is cut in halves, until they are too short to say anything.
    private IEnumerable<(Passage Passage, int Tokens)> Fitting(Passage passage, int room)
    {
        int tokens = Count(QuotedPassages.Of(passage)) + 1;
        if (tokens <= room)
        {
            return [(passage, tokens)];
        }

        if (passage.Text.Length < ShortestHalf)
        {
            throw new GemmaVkException(Invariant($"{passage.Mark}: expected room for a few words at least, but --context {context} leaves {Math.Max(0, room)} tokens beside the question and a summary; raise --context."));
        }

        int half = passage.Text.LastIndexOf(' ', passage.Text.Length / 2) is > 0 and var space ? space : passage.Text.Length / 2;
        return Fitting(passage with { Text = passage.Text[..half] }, room).Concat(Fitting(passage with { Text = passage.Text[half..].Trim() }, room));
    }

    private static string Text(string summary, string quoted, string question, int part, int parts) =>
        $"{(summary.Length > 0 ? $"Summary of the parts before: {summary}\n\n" : "")}{QuotedPassages.Before}\n\n{quoted}\n"
        + Invariant($"This is part {part} of {parts}. Summarise briefly what all parts until now hold, with the marks in brackets. Keep what matters for this question: {question}");

    private int Count(string text) => engine.Tokenizer.Encode(text, specials: false).Length;
}
