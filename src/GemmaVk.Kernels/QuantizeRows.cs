using System;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: T tokens in this pass, K columns, g group of 32 columns.

/// <summary>
/// Rounds activation rows to INT8 in groups of 32, so that products with weights of integers are integer dots.
/// <code>
/// d[t, g]   = absmax_g(x) / 127
/// q[t, c]   = round_half_even(x[t, c] * (127 / absmax_g))           in -127 .. 127; all zero when absmax is zero
/// sum[t, g] = d[t, g] * sum_g(q)                                    the offset of INT4 weights is 8 * sum, of Q4K and Q5K a minimum * sum
/// x [T, K] F32    q [T, K] I8    d [T, K/32] F32    sum [T, K/32] F32
/// </code>
/// Order of q within a group of 32: for weights in nibbles (all but Q8 and Q8F16) the 16 even columns first, then the 16 odd ones, which is the order
/// that masking low and high nibbles gives; for bytes the natural order.
/// Precision: F32; two devices may differ by one step where x * 127/absmax lies on a half. In place: no.
/// Called by: HalfLayers before products with weights of integers whose rows no kernel has rounded already, unless activations stay F32.
/// </summary>
[Kernel("activation rows to INT8, groups of 32", "arXiv:2208.07339 section 2 (absmax quantisation), per group")]
public static class QuantizeRows
{
    /// <summary>Arguments; <paramref name="ForFormat"/> is the format of the weights that will meet the rows.</summary>
    public readonly record struct Args(BufferHandle X, Activations Q, DType ForFormat, int T, int K);

    /// <summary>Place of column <paramref name="c"/> within its row of q.</summary>
    public static int Order(DType forFormat, int c) =>
        QuantBlocks.HasNibbles(forFormat) ? (c & ~31) + ((c & 31) >> 1) + ((c & 1) * 16) : c;

    /// <summary>Cost of T rows: floats in, bytes and two floats per group out; four operations per value.</summary>
    public static KernelCost Cost(int T, int K) =>
        new((double)T * K * (sizeof(float) + 1 + (2.0 * sizeof(float) / QuantBlocks.GroupSize)), 4.0 * T * K);

    /// <summary>The oracle.</summary>
    public static void Reference(
        ReadOnlySpan<float> x, DType forFormat, Span<sbyte> q, Span<float> d, Span<float> sum, int T, int K)
    {
        for (int t = 0; t < T; t++)
        {
            for (int g = 0; g < K / QuantBlocks.GroupSize; g++)
            {
                float absmax = 0;
                for (int c = g * 32; c < (g + 1) * 32; c++)
                {
                    absmax = MathF.Max(absmax, MathF.Abs(x[(t * K) + c]));
                }

                float inverse = absmax == 0 ? 0 : 127f / absmax;
                int total = 0;
                for (int c = g * 32; c < (g + 1) * 32; c++)
                {
                    int step = (int)Math.Clamp(MathF.Round(x[(t * K) + c] * inverse, MidpointRounding.ToEven), -127, 127);
                    q[(t * K) + Order(forFormat, c)] = (sbyte)step;
                    total += step;
                }

                int at = (t * (K / QuantBlocks.GroupSize)) + g;
                d[at] = absmax / 127f;
                sum[at] = d[at] * total;
            }
        }
    }
}
