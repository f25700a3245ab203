using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>
/// Answers a question about more than a context holds. Pictures, frames and sounds are taken in parts that fit, each together
/// with a summary of those before it; what comes of each is a summary of all so far. The question is answered from the last one.
/// What no summary keeps, the answer cannot know: a context that holds everything answers better.
/// </summary>
/// <param name="engine">The model.</param>
/// <param name="context">Most positions of each conversation.</param>
public sealed class RollingAnswer(GemmaEngine engine, int context)
{
    // The turns around a message, and what the borders between its parts may add.
    private const int Turns = 32;

    /// <summary>Tokens of a summary: an eighth of the context, 512 at most.</summary>
    public int SummaryTokens { get; } = Math.Clamp(context / 8, 16, 512);

    /// <summary>What pictures, sounds, clips and a text take of a context at most, without the turns around them.</summary>
    public int Tokens(IReadOnlyList<LoadedMedia> media, string text) =>
        media.Sum(item => item.Units.Sum(unit => unit.PromptTokens)) + Count(text);

    /// <summary>Whether there is anything that can be taken in parts.</summary>
    public static bool CanSplit(IReadOnlyList<LoadedMedia> media) => media.Sum(item => item.Units.Count) > 1;

    /// <summary>Into how many parts it is taken.</summary>
    /// <param name="media">All there is.</param>
    /// <param name="question">What is asked about it.</param>
    /// <exception cref="GemmaVkException">A single picture or piece of sound is too long already.</exception>
    public int Parts(IReadOnlyList<LoadedMedia> media, string question) => Steps(media, question).Count;

    /// <summary>Runs all parts and answers.</summary>
    /// <param name="media">Pictures, sounds and clips, in order.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="options">How the question is answered; summaries are drawn the same way, without thinking.</param>
    /// <param name="onSummary">Called with each summary.</param>
    /// <param name="onDelta">Called with what each token adds to the answer.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="GemmaVkException">A single picture or piece of sound is too long already.</exception>
    public Answer Ask(
        IReadOnlyList<LoadedMedia> media, string question, AskOptions options, Action<string>? onSummary, Action<ResponseDelta>? onDelta, CancellationToken cancel)
    {
        List<List<(MediaUnit Unit, bool IsSound)>> steps = Steps(media, question);
        bool soundFirst = engine.Model.Config.Processor.AudioBeforeText;
        string summary = "";
        (TimeSpan promptTime, TimeSpan embedTime) = (TimeSpan.Zero, TimeSpan.Zero);
        int promptTokens = 0;
        AskOptions brief = options with { Think = false, MaxTokens = SummaryTokens, Tools = [], Exchanges = [], StopTexts = [], OnToken = null };
        for (int i = 0; i < steps.Count; i++)
        {
            List<MessagePart> parts = [];
            if (summary.Length > 0)
            {
                parts.Add(MessagePart.Words(Before(summary, i + 1, steps.Count)));
            }

            parts.AddRange(MediaUnit.Parts(steps[i].Where(part => soundFirst || !part.IsSound).Select(part => part.Unit)));
            parts.Add(MessagePart.Words(After(question, i + 1, steps.Count)));
            parts.AddRange(MediaUnit.Parts(steps[i].Where(part => !soundFirst && part.IsSound).Select(part => part.Unit)));
            using GemmaSession session = engine.NewSession(context);
            Answer step = session.Ask(parts, brief, onDelta: null, cancel);
            promptTokens += step.Stats.PromptTokens;
            promptTime += step.Stats.PromptTime + step.Stats.AnswerTime;
            embedTime += step.Stats.EmbedTime;
            if (step.Stop == StopReason.Cancelled)
            {
                return step;
            }

            summary = step.Text.Trim();
            onSummary?.Invoke(summary);
        }

        using GemmaSession last = engine.NewSession(context);
        Answer answer = last.Ask($"Summary of what was given in {steps.Count} parts: {summary}\n\n{question}", options, onDelta, cancel);
        return answer with
        {
            Stats = answer.Stats with
            {
                PromptTokens = promptTokens + answer.Stats.PromptTokens,
                PromptTime = promptTime + answer.Stats.PromptTime,
                EmbedTime = embedTime,
            },
        };
    }

    /// <summary>Units of the whole that fit beside the question and two summaries, in order, and whether each is of a sound rather than of a clip.</summary>
    private List<List<(MediaUnit Unit, bool IsSound)>> Steps(IReadOnlyList<LoadedMedia> media, string question)
    {
        const int LongNumber = 9999;
        int texts = Count(Before("", LongNumber, LongNumber)) + Count(After(question, LongNumber, LongNumber));
        int room = context - Turns - (2 * SummaryTokens) - texts;
        List<List<(MediaUnit Unit, bool IsSound)>> steps = [];
        int used = int.MaxValue;
        foreach (LoadedMedia item in media)
        {
            foreach (MediaUnit unit in item.Units)
            {
                if (unit.PromptTokens > room)
                {
                    throw new GemmaVkException(
                        $"{item.Name}: expected parts of at most {Math.Max(0, room)} tokens, which --context {context} leaves beside the question and a summary, but one takes {unit.PromptTokens}; "
                        + "raise --context, or lower --image-tokens.");
                }

                if (used > room - unit.PromptTokens)
                {
                    steps.Add([]);
                    used = 0;
                }

                steps[^1].Add((unit, item.Kind == ChatPartKind.Audio));
                used += unit.PromptTokens;
            }
        }

        return steps;
    }

    private static string Before(string summary, int part, int parts) => string.Create(
        CultureInfo.InvariantCulture, $"Summary of the parts before: {summary}\n\nPart {part} of {parts}:");

    private static string After(string question, int part, int parts) => string.Create(
        CultureInfo.InvariantCulture,
        $"This is part {part} of {parts}. Summarise briefly what all parts until now hold. Keep what matters for this question: {question}");

    private int Count(string text) => engine.Tokenizer.Encode(text, specials: false).Length;
}
