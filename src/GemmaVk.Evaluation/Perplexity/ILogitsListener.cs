using System;

namespace GemmaVk.Evaluation.Perplexity;

/// <summary>Takes the logits of a text as it is scored.</summary>
public interface ILogitsListener
{
    /// <summary>The next token.</summary>
    /// <param name="token">What is known of it.</param>
    /// <param name="logits">[V] of its place; valid during the call.</param>
    /// <param name="logSum">log(sum(exp(logits))).</param>
    void Take(in ScoredToken token, ReadOnlySpan<float> logits, double logSum);
}
