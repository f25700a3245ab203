using System;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Logits;

/// <summary>Takes a scored token with all the logits of its place.</summary>
/// <param name="row">Row of the token in the text; the logits are those of the row before it.</param>
/// <param name="token">What is known of the token.</param>
/// <param name="logits">[V], soft-capped; valid during the call.</param>
public delegate void ScoredRowListener(int row, TokenLogprob token, ReadOnlySpan<float> logits);

/// <summary>What is wanted of a text's likelihood.</summary>
/// <param name="From">The first row that is scored, 1 or more: the rows before it are what it follows, and cost no head.</param>
/// <param name="TopLogprobs">How many alternatives come with each token, 0 to 20.</param>
public sealed record ScoreOptions(int From = 1, int TopLogprobs = 0)
{
    /// <summary>Called with each scored token, in order, on the thread that runs the device: everything waits for it, and what it throws ends the score.</summary>
    public ScoredRowListener? OnRow { get; init; }

    /// <summary>Refuses what cannot be honoured.</summary>
    /// <param name="rows">Rows of the text.</param>
    /// <exception cref="GemmaVkException">A number is out of its range.</exception>
    internal void Check(int rows)
    {
        LogitOptions.CheckTop(TopLogprobs);
        if (From < 1 || From > rows)
        {
            throw new GemmaVkException(rows == 0
                ? "the text to score: expected at least one token, but none came; give what the likelihood is wanted of."
                : $"From: expected 1 to {rows}, the rows of the text, but {From} came; the first token follows nothing and has no likelihood.");
        }
    }
}
