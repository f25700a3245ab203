using System;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: T tokens in this pass, D hidden size, V vocabulary.

/// <summary>
/// Looks up token rows and scales them.
/// <code>
/// x[t, d] = E[ids[t], d] * scale
/// ids   [T]    I32: token ids, each in [0, V); a negative id leaves its row of x untouched (a soft row is put there)
/// table [V, D] Q4, Q8, Q4F16, Q8F16, Q4K, Q5K, Q6K, F8E4M3, BF16 or F32
/// x     [T, D] F32
/// </code>
/// Precision: the row is decoded to F32, each value rounded once at most, and multiplied once. In place: no.
/// Called by: ForwardPass, once per pass, and DrafterForward; scale is sqrt(D), in F32.
/// </summary>
[Kernel("token rows of the embedding, scaled", "transformers gemma4_unified: Gemma4UnifiedTextScaledWordEmbedding.forward")]
public static class Embed
{
    /// <summary>Arguments; shapes are in the kernel's summary. First is the row of ids where the T rows begin.</summary>
    public readonly record struct Args(BufferHandle Ids, WeightMatrix Table, float Scale, BufferHandle X, int T, int First = 0);

    /// <summary>Cost of T rows: a row of the table in, floats out.</summary>
    public static KernelCost Cost(DType format, int T, int D) =>
        new((double)T * (QuantBlocks.MatrixBytes(format, 1, D) + ((double)D * sizeof(float))), (double)T * D);

    /// <summary>The oracle.</summary>
    public static void Reference(
        ReadOnlySpan<int> ids, DType format, ReadOnlySpan<byte> data, ReadOnlySpan<ushort> scales, int D, float scale, Span<float> x)
    {
        for (int t = 0; t < ids.Length; t++)
        {
            for (int d = 0; d < D && ids[t] >= 0; d++)
            {
                x[(t * D) + d] = QuantBlocks.Value(format, data, scales, D, ids[t], d) * scale;
            }
        }
    }
}
