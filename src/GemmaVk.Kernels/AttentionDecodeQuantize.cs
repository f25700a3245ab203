using System;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: T rows in this pass (1 to 8), H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>
/// <see cref="AttentionDecode"/>, whose result is also rounded for the product that comes next.
/// <code>
/// out          = AttentionDecode(q, cache)
/// q, d, sum    = QuantizeRows(out)                     rows First .. First + T - 1, in the order for ForFormat
/// out [T, H * W] F32    q [T, H * W] I8    d, sum [T, H * W / 32] F32    W a multiple of 32
/// </code>
/// Precision and in place: as its two parts.
/// Called by: HalfLayers for passes of up to eight rows, those of drafters included, where weights of integers take the rows.
/// </summary>
[Kernel("attention of one to eight rows, with its INT8 rows", "arXiv:2205.14135; arXiv:2208.07339 section 2")]
public static class AttentionDecodeQuantize
{
    /// <summary>Arguments; shapes are in the kernel's summary. <paramref name="ForFormat"/> is the format of the weights that will meet the rows.</summary>
    public readonly record struct Args(AttentionDecode.Args Attention, Activations Rows, DType ForFormat);

    /// <summary>Whether heads of a width consist of whole groups: rows of others go through <see cref="QuantizeRows"/>.</summary>
    public static bool Takes(int W) => W % QuantBlocks.GroupSize == 0;

    /// <summary>Cost of the two it fuses, without the second reading of the result.</summary>
    public static KernelCost Cost(DType format, bool valuesOnly, int T, int H, int K, int W, int window, int position)
    {
        (KernelCost attention, KernelCost rows) = (AttentionDecode.Cost(format, valuesOnly, T, H, K, W, window, position), QuantizeRows.Cost(T, H * W));
        return new(attention.Bytes + rows.Bytes - ((double)T * H * W * sizeof(float)), attention.Operations + rows.Operations);
    }

    /// <summary>The oracle: the two references it fuses, for keys and values in F32.</summary>
    public static void Reference(
        ReadOnlySpan<float> q, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, ReadOnlySpan<int> positions, ReadOnlySpan<int> reach, Span<float> output,
        DType forFormat, Span<sbyte> steps, Span<float> d, Span<float> sum, int T, int H, int K, int W, int R, int window)
    {
        AttentionDecode.Reference(q, keys, values, positions, reach, output, T, H, K, W, R, window);
        QuantizeRows.Reference(output, forFormat, steps, d, sum, T, H * W);
    }
}
