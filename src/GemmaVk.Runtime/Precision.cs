using GemmaVk.Tensors;

namespace GemmaVk.Runtime;

/// <summary>
/// In which numbers a model runs. Nothing here changes silently: what is chosen is printed and recorded with every
/// benchmark.
/// </summary>
/// <param name="Kv">Cache of keys and values: F16, or F32 for comparisons.</param>
/// <param name="QuantiseActivations">
/// Rows that meet INT4 or INT8 weights are rounded to INT8 in groups of 32 (fast), or stay F32 (exact).
/// </param>
/// <param name="Linears">Format for the layers' matrices, or null for that of the checkpoint.</param>
/// <param name="Embedding">
/// Format for the embedding, which is also the head; null chooses Q8 where the linears are INT4 or INT8 and the
/// checkpoint's own format otherwise.
/// </param>
/// <param name="Angles">Definition of the rotary angles.</param>
public sealed record Precision(
    DType Kv = DType.F16,
    bool QuantiseActivations = true,
    DType? Linears = null,
    DType? Embedding = null,
    AngleDefinition Angles = AngleDefinition.Exact)
{
    /// <summary>Everything in F32 on the checkpoint's own values: for comparison with the published implementation.</summary>
    public static Precision Reference { get; } = new(DType.F32, QuantiseActivations: false, Angles: AngleDefinition.Published);
}

/// <summary>How the angle position * inv_freq is rounded before its sine and cosine are taken.</summary>
public enum AngleDefinition
{
    /// <summary>F64 throughout: right to 1e-6 at every position up to 262,143.</summary>
    Exact,

    /// <summary>inv_freq and the product in F32, as transformers computes them: off by up to 0.008 rad at position 262,143.</summary>
    Published,
}
