using GemmaVk.Tensors;

namespace GemmaVk.Runtime;

/// <summary>
/// In which numbers a model runs. Nothing here changes silently: what is chosen is printed and recorded with every
/// benchmark.
/// </summary>
/// <param name="Kv">Cache of keys and values: F16, or F32 for comparisons.</param>
/// <param name="QuantiseActivations">
/// Rows that meet INT4 or INT8 weights are rounded to INT8 in groups of 32 (fast), or stay F32 (exact). Null chooses INT8
/// where hidden_size is at least <see cref="LeastWidthForInt8"/>.
/// </param>
/// <param name="Linears">Format for the layers' matrices, or null for that of the checkpoint.</param>
/// <param name="Embedding">
/// Format for the embedding, which is also the head; null chooses Q8 where the linears are INT4 or INT8 and the
/// checkpoint's own format otherwise.
/// </param>
/// <param name="Angles">Definition of the rotary angles.</param>
public sealed record Precision(
    DType Kv = DType.F16,
    bool? QuantiseActivations = null,
    DType? Linears = null,
    DType? Embedding = null,
    AngleDefinition Angles = AngleDefinition.Exact)
{
    /// <summary>
    /// Narrowest model whose rows are rounded to INT8 unasked. Each product then carries about 0.6 % of noise: averaged over
    /// 3840 columns the 12B's layers keep a cosine of 0.9999 in the logits, 96 columns over 12 layers only 0.99, and a
    /// narrow model gains no time from it.
    /// </summary>
    public const int LeastWidthForInt8 = 1024;

    /// <summary>Everything in F32 on the checkpoint's own values: for comparison with the published implementation.</summary>
    public static Precision Reference { get; } = new(DType.F32, QuantiseActivations: false, Angles: AngleDefinition.Published);

    /// <summary>This precision with the choice of activations made for a model of that width.</summary>
    public Precision For(int hiddenSize) => this with { QuantiseActivations = QuantiseActivations ?? hiddenSize >= LeastWidthForInt8 };
}

/// <summary>How the angle position * inv_freq is rounded before its sine and cosine are taken; inv_freq is F32 in both.</summary>
public enum AngleDefinition
{
    /// <summary>Product in F64: cosine and sine right to 1e-6 at every position up to 262,143.</summary>
    Exact,

    /// <summary>Product in F32, as transformers computes it: off by up to 0.008 rad at position 262,143.</summary>
    Published,
}
