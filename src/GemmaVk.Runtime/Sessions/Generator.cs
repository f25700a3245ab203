using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Logits;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Sessions;

// Step 4 of the token path; from the engine, to Session: the prompt chunk by chunk, then a pass per token, or with a drafter per
// round of drafts, which gives the same tokens.

/// <summary>The generation loop: a prompt goes in, tokens come out one by one until a stop.</summary>
/// <param name="model">What runs.</param>
/// <param name="drafter">Its drafter, or null to decode one token per step.</param>
public sealed class Generator(GemmaModel model, Drafter? drafter = null)
{
    /// <summary>Continues a session with text: see the other overload.</summary>
    public Generation Generate(
        Session session, ReadOnlySpan<int> prompt, GenerationOptions options, Action<int>? onToken = null, CancellationToken cancel = default) =>
        Generate(session, new PromptRows(prompt), options, onToken, cancel);

    /// <summary>Continues a session.</summary>
    /// <param name="session">Where the past is, and where prompt and answer are kept.</param>
    /// <param name="prompt">New tokens and media, at least one row unless some are pending.</param>
    /// <param name="options">When to stop and how to draw.</param>
    /// <param name="onToken">Called with each token as soon as it is known, stop token included.</param>
    /// <param name="cancel">Ends the answer between two tokens, or the prompt between two chunks.</param>
    /// <exception cref="ContextFullException">The prompt does not fit into the context.</exception>
    public Generation Generate(
        Session session, PromptRows prompt, GenerationOptions options, Action<int>? onToken = null, CancellationToken cancel = default)
    {
        Answering answer = new(model, drafter, session, prompt, options, onToken, cancel);
        try
        {
            while (!answer.Done)
            {
                answer.HeedCancel();
                if (answer.InPrompt && !answer.Done)
                {
                    answer.TakeIn();
                }
                else if (!answer.Done)
                {
                    Step(answer);
                }
            }

            return answer.Result();
        }
        finally
        {
            answer.Release();
        }
    }

    private void Step(Answering answer)
    {
        ReadOnlySpan<int> rows = answer.Rows(MatVec.MaxRows, 0);
        long start = Stopwatch.GetTimestamp();
        ReadOnlySpan<int> drawn = answer.Session.Verify(rows, answer.Choice, answer.Allowed, answer.Logits);
        long ticks = Stopwatch.GetTimestamp() - start;
        drafter?.Length.Passed(rows.Length, (double)ticks / Stopwatch.Frequency);
        answer.Take(drawn, 0, ticks, model.Weights.BytesPerStep);
    }
}

/// <summary>How an answer is made and when it ends.</summary>
/// <param name="MaxTokens">Most tokens of the answer, stop token included; at least 1.</param>
/// <param name="Choice">How a token is drawn.</param>
/// <param name="StopIds">Tokens that end the answer.</param>
public sealed record GenerationOptions(int MaxTokens, Sample.Choice Choice, IReadOnlySet<int> StopIds)
{
    /// <summary>What the answer may be, or null for anything. It follows this one answer.</summary>
    public IAnswerConstraint? Constraint { get; init; }

    /// <summary>Log-probabilities, biases and penalties; null for none.</summary>
    public LogitOptions? Logits { get; init; }

    /// <summary>Tokens that the answer has already, where it goes on after a pause: penalties count them.</summary>
    public IReadOnlyList<int> Answered { get; init; } = [];

    /// <summary>Called with each token and what is known of it, before the listener that gets its id alone.</summary>
    public Action<GivenToken>? OnGiven { get; init; }
}

/// <summary>An answer.</summary>
/// <param name="Ids">Its tokens, stop token included.</param>
/// <param name="Stop">Why it ended.</param>
/// <param name="Stats">What it took.</param>
public sealed record Generation(IReadOnlyList<int> Ids, StopReason Stop, GenerationStats Stats)
{
    /// <summary>How likely each token was, where <see cref="LogitOptions.TopLogprobs"/> asks for it; else empty.</summary>
    public IReadOnlyList<TokenLogprob> Logprobs { get; init; } = [];

    /// <summary>This answer and its continuation as one.</summary>
    public Generation Then(Generation rest) => new(
        [.. Ids, .. rest.Ids],
        rest.Stop,
        new GenerationStats(
            Stats.PromptTokens + rest.Stats.PromptTokens,
            Stats.PromptTime + rest.Stats.PromptTime,
            Stats.AnswerTokens + rest.Stats.AnswerTokens,
            Stats.AnswerTime + rest.Stats.AnswerTime,
            Stats.Steps + rest.Stats.Steps,
            Stats.BytesRead + rest.Stats.BytesRead,
            Stats.Drafting is { } before && rest.Stats.Drafting is { } after ? before.And(after) : rest.Stats.Drafting ?? Stats.Drafting)
        {
            CachedTokens = Stats.CachedTokens,
            EmbedTime = Stats.EmbedTime + rest.Stats.EmbedTime,
        })
    {
        Logprobs = [.. Logprobs, .. rest.Logprobs],
    };
}

/// <summary>Why an answer ended.</summary>
public enum StopReason
{
    /// <summary>A stop token.</summary>
    Stop,

    /// <summary>The limit of tokens.</summary>
    Length,

    /// <summary>The context is full.</summary>
    Context,

    /// <summary>The caller ended it.</summary>
    Cancelled,
}

/// <summary>What an answer took.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="PromptTime">From the start to the first token of the answer.</param>
/// <param name="AnswerTokens">Tokens of the answer.</param>
/// <param name="AnswerTime">From the first token to the last.</param>
/// <param name="Steps">Passes of the model within <paramref name="AnswerTime"/>: one per token without a drafter.</param>
/// <param name="BytesRead">Weights and cache that these passes had to read, drafts included.</param>
/// <param name="Drafting">What drafting did, or null without a drafter.</param>
public sealed record GenerationStats(
    int PromptTokens, TimeSpan PromptTime, int AnswerTokens, TimeSpan AnswerTime, int Steps, long BytesRead, DraftStats? Drafting = null)
{
    /// <summary>Tokens before the prompt that were in the cache already, and cost nothing.</summary>
    public int CachedTokens { get; init; }

    /// <summary>Part of <see cref="PromptTime"/> in which pictures and sounds became rows of the prompt.</summary>
    public TimeSpan EmbedTime { get; init; }

    /// <summary>Prompt tokens per second.</summary>
    public double PromptTokensPerSecond => PerSecond(PromptTokens, PromptTime);

    /// <summary>Answer tokens per second, without the first, which the prompt's time contains.</summary>
    public double AnswerTokensPerSecond => PerSecond(Math.Max(0, AnswerTokens - 1), AnswerTime);

    /// <summary>Bytes read per second while decoding.</summary>
    public double BytesPerSecond => PerSecond(BytesRead, AnswerTime);

    private static double PerSecond(double amount, TimeSpan time) => time > TimeSpan.Zero ? amount / time.TotalSeconds : 0;
}
