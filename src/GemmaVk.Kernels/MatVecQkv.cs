using System;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: T rows in this pass (1 to 8), N outputs of a matrix, C inputs.

/// <summary>
/// Queries, keys and values of one to eight rows: the products of one input with two or three matrices.
/// <code>
/// q[t, n] = sum_c x[t, c] * Q[n, c]          k and v likewise: MatVec for each
/// x [T, C] F32 or INT8 rows    Q, K, V [N, C] of one format, each with its own N (<see cref="WeightMatrix.IsLike"/>)    q, k, v [T, N] F32
/// </code>
/// Without V nothing is written to v. Precision: as MatVec, and the same bits. In place: no.
/// Called by: LayerForward for passes of up to eight rows.
/// </summary>
[Kernel("queries, keys and values of one to eight rows", "transformers gemma4_unified: Gemma4UnifiedTextAttention.forward, q_proj, k_proj, v_proj")]
public static class MatVecQkv
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(
        Activations X, WeightMatrix Q, WeightMatrix K, WeightMatrix? V, BufferHandle QRows, BufferHandle KRows, BufferHandle VRows, int T);

    /// <summary>Cost of one product with all outputs: the input is read once.</summary>
    public static KernelCost Cost(DType format, bool quantised, int T, int outputs, int C) => MatVec.Cost(format, quantised, T, outputs, C);

    /// <summary>The oracle for float rows: one product after the other. Empty <paramref name="v"/>: there is no V.</summary>
    public static void Reference(
        ReadOnlySpan<float> x, DType format, ReadOnlySpan<byte> qData, ReadOnlySpan<ushort> qScales, ReadOnlySpan<byte> kData, ReadOnlySpan<ushort> kScales,
        ReadOnlySpan<byte> vData, ReadOnlySpan<ushort> vScales, Span<float> q, Span<float> k, Span<float> v, int T, int C)
    {
        MatVec.Reference(x, format, qData, qScales, q, T, q.Length / T, C);
        MatVec.Reference(x, format, kData, kScales, k, T, k.Length / T, C);
        MatVec.Reference(x, format, vData, vScales, v, T, v.Length / T, C);
    }

    /// <summary>The oracle for INT8 rows.</summary>
    public static void ReferenceQuantised(
        ReadOnlySpan<sbyte> x, ReadOnlySpan<float> d, DType format, ReadOnlySpan<byte> qData, ReadOnlySpan<ushort> qScales, ReadOnlySpan<byte> kData,
        ReadOnlySpan<ushort> kScales, ReadOnlySpan<byte> vData, ReadOnlySpan<ushort> vScales, Span<float> q, Span<float> k, Span<float> v, int T, int C)
    {
        MatVec.ReferenceQuantised(x, d, format, qData, qScales, q, T, q.Length / T, C);
        MatVec.ReferenceQuantised(x, d, format, kData, kScales, k, T, k.Length / T, C);
        MatVec.ReferenceQuantised(x, d, format, vData, vScales, v, T, v.Length / T, C);
    }
}
