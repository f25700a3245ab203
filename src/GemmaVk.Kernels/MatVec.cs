using System;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: T rows in this pass (1 to 8), N outputs, K inputs, g group of 32 columns.

/// <summary>
/// Product of a weight matrix with one to eight rows: decoding and verifying drafts.
/// <code>
/// y[t, n] = sum_k x[t, k] * W[n, k]                                                       float rows
/// y[t, n] = sum_g s[n, g] * (d[t, g] * sum_k(u[n, k] * q[t, k]) - 8 * sum[t, g])          INT8 rows, INT4 (u the nibble)
/// y[t, n] = sum_g s[n, g] *  d[t, g] * sum_k(v[n, k] * q[t, k])                           INT8 rows, INT8
/// y[t, n] = sum_g s[n, g] *  d[t, g] * sum_k(u[n, k] * q[t, k]) - m[n, g] * sum[t, g]     INT8 rows, Q4K and Q5K (m the group's minimum)
/// y[t, n] = sum_h s[n, h] *  d[t, g] * sum_k((u[n, k] - 32) * q[t, k])                    INT8 rows, Q6K (h half a group)
/// x [first + T, K] F32 or INT8 rows (<see cref="QuantizeRows"/>; with weights of integers only)
/// W [N, K] Q4, Q8, Q4F16, Q8F16, Q4K, Q5K, Q6K, F8E4M3, BF16 or F32    y [T, N] F32
/// </code>
/// Rows first .. first + T - 1 of x are used. Precision: integer dots are exact within a group, all else is
/// accumulated in F32. A row's result must not depend on T or on its place among the rows, bit for bit on one device:
/// then a verified draft equals plain decoding. In place: no.
/// With an <see cref="RowOutline"/> only the Largest largest results of a row are asked for, and those that equal one of them after the soft cap
/// and a division: of the others any may be minus infinity instead. What is given is the same bits as without.
/// Called by: HalfLayers for passes of up to eight rows, ForwardPass and DrafterForward for the head.
/// </summary>
[Kernel("weights times one to eight rows", "transformers: torch.nn.Linear without bias; compressed-tensors pack-quantized")]
public static class MatVec
{
    /// <summary>Most rows a call may have.</summary>
    public const int MaxRows = 8;

    /// <summary>
    /// Arguments; shapes are in the kernel's summary. Largest 0 asks for all results; <paramref name="Cap"/> is that of a soft cap behind the product. A device
    /// that has no use for an outline gives all.
    /// </summary>
    public readonly record struct Args(
        Activations X, WeightMatrix W, BufferHandle Y, int T, int First = 0, RowOutline? Outline = null, int Largest = 0, float? Cap = null);

    /// <summary>Cost of a product: the weights once, the rows once; two operations per weight and row.</summary>
    public static KernelCost Cost(DType format, bool quantised, int T, int N, int K) =>
        new(
        QuantBlocks.MatrixBytes(format, N, K) + ((double)T * K * (quantised ? 1 + (2.0 * sizeof(float) / QuantBlocks.GroupSize) : sizeof(float))) + ((double)T * N * sizeof(float)),
        2.0 * T * N * K,
        quantised ? Arithmetic.Int8 : Arithmetic.F32);

    /// <summary>The oracle for float rows: sums in F64.</summary>
    public static void Reference(
        ReadOnlySpan<float> x, DType format, ReadOnlySpan<byte> data, ReadOnlySpan<ushort> scales, Span<float> y, int T, int N, int K)
    {
        float[] w = new float[K];
        for (int n = 0; n < N; n++)
        {
            Row(format, data, scales, n, w);
            for (int t = 0; t < T; t++)
            {
                double sum = 0;
                for (int k = 0; k < K; k++)
                {
                    sum += (double)x[(t * K) + k] * w[k];
                }

                y[(t * N) + n] = (float)sum;
            }
        }
    }

    /// <summary>The oracle for INT8 rows: the rows' rounded values times the weights, sums in F64.</summary>
    public static void ReferenceQuantised(
        ReadOnlySpan<sbyte> q, ReadOnlySpan<float> d, DType format, ReadOnlySpan<byte> data, ReadOnlySpan<ushort> scales, Span<float> y, int T, int N, int K)
    {
        float[] w = new float[K];
        for (int n = 0; n < N; n++)
        {
            Row(format, data, scales, n, w);
            for (int t = 0; t < T; t++)
            {
                double sum = 0;
                for (int k = 0; k < K; k++)
                {
                    double step = q[(t * K) + QuantizeRows.Order(format, k)];
                    double unit = d[(t * (K / QuantBlocks.GroupSize)) + (k / QuantBlocks.GroupSize)];
                    sum += step * unit * w[k];
                }

                y[(t * N) + n] = (float)sum;
            }
        }
    }

    private static void Row(DType format, ReadOnlySpan<byte> data, ReadOnlySpan<ushort> scales, int n, Span<float> w)
    {
        for (int k = 0; k < w.Length; k++)
        {
            w[k] = QuantBlocks.Value(format, data, scales, w.Length, n, k);
        }
    }
}
