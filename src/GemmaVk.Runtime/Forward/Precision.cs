using System.Collections.Generic;
using System.Linq;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Forward;

/// <summary>
/// In which numbers a model runs. Nothing here changes silently: what is chosen is printed and recorded with every
/// benchmark.
/// </summary>
/// <param name="Kv">
/// Caches of all layers: F16; Q8, half of that, INT8 in groups of 32; or F32 for comparisons.
/// </param>
/// <param name="QuantiseActivations">
/// Rows that meet weights of integers are rounded to INT8 in groups of 32 (fast), or stay F32 (exact). Null chooses INT8
/// where hidden_size is at least <see cref="LeastWidthForInt8"/>.
/// </param>
/// <param name="Linears">Format for the layers' matrices, or null for that of the checkpoint.</param>
/// <param name="Embedding">
/// Format for the embedding, which is also the head; null chooses Q8 where the linears are INT4 or INT8 and the
/// checkpoint's own format otherwise.
/// </param>
/// <param name="Angles">Definition of the rotary angles.</param>
/// <param name="FullKv">
/// What full layers keep; null chooses values alone where the model allows it and angles are exact (<see cref="KeepsValuesOnly"/>).
/// </param>
/// <param name="HeadOutline">Whether the head is looked through by a smaller copy of it (<see cref="HeadOutlines"/>). Tokens do not depend on it.</param>
public sealed record Precision(
    DType Kv = DType.F16,
    bool? QuantiseActivations = null,
    DType? Linears = null,
    DType? Embedding = null,
    AngleDefinition Angles = AngleDefinition.Exact,
    FullKvStorage? FullKv = null,
    HeadOutline HeadOutline = HeadOutline.Auto)
{
    /// <summary>
    /// Narrowest model whose rows are rounded to INT8 unasked. Each product then carries about 0.6 % of noise: averaged over
    /// 3840 columns the 12B's layers keep a cosine of 0.9999 in the logits, 96 columns over 12 layers only 0.99, and a
    /// narrow model gains no time from it.
    /// </summary>
    public const int LeastWidthForInt8 = 1024;

    /// <summary>Everything in F32 on the checkpoint's own values: for comparison with the published implementation.</summary>
    public static Precision Reference { get; } = new(DType.F32, QuantiseActivations: false, Angles: AngleDefinition.Published, HeadOutline: HeadOutline.Off);

    /// <summary>
    /// Whether a layer's keys are rebuilt from its values. That takes values that are raw keys (no v_proj), and exact angles:
    /// those of a position are a sum of two tabulated ones, which rounded products are not.
    /// </summary>
    public bool KeepsValuesOnly(LayerPlan layer) =>
        FullKv != FullKvStorage.KeysAndValues && Angles == AngleDefinition.Exact && CanKeepValuesOnly(layer);

    /// <summary>Whether a layer's keys can be rebuilt at all: kernels take pairs by fours.</summary>
    public static bool CanKeepValuesOnly(LayerPlan layer) =>
        layer.SlidingWindow == 0 && !layer.HasValueProjection && layer.RotatedPairs % 4 == 0 && layer.HeadDim % 8 == 0;

    /// <summary>The caches in words, for listings: <c>fp16</c>, or <c>fp16, values alone in 8 full layers</c>.</summary>
    public string CacheInWords(IReadOnlyList<LayerPlan> plan)
    {
        string numbers = Kv switch { DType.F16 => "fp16", DType.Q8 => "int8", _ => "fp32" };
        int alone = plan.Count(KeepsValuesOnly);
        return alone == 0 ? numbers : $"{numbers}, values alone in {alone} full layer{(alone == 1 ? "" : "s")}";
    }

    /// <summary>Refuses a choice that the model does not allow.</summary>
    /// <exception cref="GemmaVkException">It names the flag and what to do.</exception>
    public void Check(IReadOnlyList<LayerPlan> plan)
    {
        if (Kv == DType.Q8 && plan.FirstOrDefault(layer => layer.HeadDim % QuantBlocks.GroupSize != 0) is { } narrow)
        {
            throw new GemmaVkException(
                $"--kv int8: expected heads whose width is a multiple of {QuantBlocks.GroupSize}, but layer {narrow.Index} has heads of {narrow.HeadDim}; use --kv fp16.");
        }

        if (FullKv != FullKvStorage.Values)
        {
            return;
        }

        if (Angles != AngleDefinition.Exact)
        {
            throw new GemmaVkException(
                "--full-kv values: expected exact rotary angles, because keys are rebuilt by adding angles, but --rope published came; use --rope exact or --full-kv both.");
        }

        if (plan.FirstOrDefault(layer => layer.SlidingWindow == 0 && !CanKeepValuesOnly(layer)) is { } full)
        {
            throw new GemmaVkException(
                $"--full-kv values: expected full layers without v_proj whose rotated pairs are a multiple of 4, but layer {full.Index} has "
                + $"{(full.HasValueProjection ? "a v_proj" : $"{full.RotatedPairs} pairs")}; use --full-kv both.");
        }
    }

    /// <summary>This precision with the choice of activations made for a model of that width.</summary>
    public Precision For(int hiddenSize) => this with { QuantiseActivations = QuantiseActivations ?? hiddenSize >= LeastWidthForInt8 };

    /// <summary>Whether products with matrices of a format take their rows in INT8.</summary>
    internal bool Quantises(DType format) => QuantiseActivations == true && QuantBlocks.HasGroups(format);
}

/// <summary>What the cache of a full layer holds.</summary>
public enum FullKvStorage
{
    /// <summary>Keys and values.</summary>
    KeysAndValues,

    /// <summary>Values alone, half the memory: a key is its value times the key norm's weight, rotated.</summary>
    Values,
}

/// <summary>How the angle position * inv_freq is rounded before its sine and cosine are taken; inv_freq is F32 in both.</summary>
public enum AngleDefinition
{
    /// <summary>Product in F64: cosine and sine right to 1e-6 at every position up to 262,143.</summary>
    Exact,

    /// <summary>Product in F32, as transformers computes it: off by up to 0.008 rad at position 262,143.</summary>
    Published,
}
