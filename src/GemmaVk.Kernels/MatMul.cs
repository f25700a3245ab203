using System;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: T rows in this pass, N outputs, K inputs.

/// <summary>
/// Product of a weight matrix with many rows: prefill. The formula is <see cref="MatVec"/>'s, with any T.
/// <code>
/// y[t, n] = sum_k x[t, k] * W[n, k]
/// x [T, K] F32 or INT8 rows    W [N, K] Q4, Q8, Q4F16, Q8F16, Q4K, Q5K, Q6K, F8E4M3, BF16 or F32    y [T, N] F32
/// </code>
/// Precision: as MatVec. A row's result does not depend on T or on its place among the rows, so that a prompt cut
/// into other chunks gives the same rows. In place: no.
/// Called by: HalfLayers for passes of more than eight rows, MediaForward.
/// </summary>
[Kernel("weights times many rows", "transformers: torch.nn.Linear without bias; compressed-tensors pack-quantized")]
public static class MatMul
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(Activations X, WeightMatrix W, BufferHandle Y, int T);

    /// <summary>Cost of a product, as <see cref="MatVec.Cost"/>.</summary>
    public static KernelCost Cost(DType format, bool quantised, int T, int N, int K) =>
        MatVec.Cost(format, quantised, T, N, K);

    /// <summary>The oracle for float rows.</summary>
    public static void Reference(
        ReadOnlySpan<float> x, DType format, ReadOnlySpan<byte> data, ReadOnlySpan<ushort> scales, Span<float> y, int T, int N, int K) =>
        MatVec.Reference(x, format, data, scales, y, T, N, K);

    /// <summary>The oracle for INT8 rows.</summary>
    public static void ReferenceQuantised(
        ReadOnlySpan<sbyte> q, ReadOnlySpan<float> d, DType format, ReadOnlySpan<byte> data, ReadOnlySpan<ushort> scales, Span<float> y, int T, int N, int K) =>
        MatVec.ReferenceQuantised(q, d, format, data, scales, y, T, N, K);
}
