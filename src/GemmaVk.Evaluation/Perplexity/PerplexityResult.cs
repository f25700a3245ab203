using GemmaVk.Evaluation.Statistics;

namespace GemmaVk.Evaluation.Perplexity;

/// <summary>How well a model foresees a text.</summary>
/// <param name="Plan">How the text was cut.</param>
/// <param name="Nll">Mean negative log-likelihood of a token in nats. The interval takes tokens for independent, as llama-perplexity does.</param>
/// <param name="Bytes">UTF-8 bytes of the tokens that counted.</param>
/// <param name="Seconds">Time it took, loading aside.</param>
public sealed record PerplexityResult(WindowPlan Plan, Interval Nll, long Bytes, double Seconds)
{
    /// <summary>exp of the mean negative log-likelihood.</summary>
    public Interval Perplexity => Nll.Through(System.Math.Exp);

    /// <summary>Bits for each byte of the text that counted: comparable between tokenizers.</summary>
    public Interval BitsPerByte => Nll.Through(nats => nats * Plan.Tokens / System.Math.Log(2) / System.Math.Max(1, Bytes));
}
