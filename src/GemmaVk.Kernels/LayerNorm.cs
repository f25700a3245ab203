using System;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Kernels;

// Letters: R rows, D width of a row.

/// <summary>
/// Layer normalisation with weight and bias; the bias of the product that made the rows may be added first.
/// <code>
/// z[r, d] = x[r, d] + inputBias[d]                                          (z = x when there is none)
/// y[r, d] = (z[r, d] - mean_d(z[r])) * rsqrt(mean_d((z[r] - mean)^2) + eps) * w[d] + b[d]
/// x [R, D] F32    inputBias [D] F32 or null    w, b [D] F32    y [R, D] F32
/// </code>
/// Precision: the mean first, then the squares of what differs from it, both in F32 or better: a bright picture's mean is
/// larger than its contrast. In place: y may be x.
/// Called by: MediaForward, three times per picture, with eps 1e-5.
/// </summary>
[Kernel("layer normalisation of rows", "arXiv:1607.06450 eq. 4; transformers gemma4_unified: patch_ln1, patch_ln2, pos_norm (torch.nn.LayerNorm)")]
public static class LayerNorm
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(
        BufferHandle X, BufferHandle? InputBias, BufferHandle Weight, BufferHandle Bias, BufferHandle Y, int R, int D, float Eps);

    /// <summary>Cost of R rows: read and written once; seven operations per value.</summary>
    public static KernelCost Cost(int R, int D) =>
        new(((double)R * D * 2 * sizeof(float)) + (D * 2.0 * sizeof(float)), 7.0 * R * D);

    /// <summary>The oracle: plain loops, sums in F64.</summary>
    public static void Reference(
        ReadOnlySpan<float> x, ReadOnlySpan<float> inputBias, ReadOnlySpan<float> w, ReadOnlySpan<float> b, Span<float> y, int R, int D, float eps)
    {
        double[] z = new double[D];
        for (int r = 0; r < R; r++)
        {
            double sum = 0;
            for (int d = 0; d < D; d++)
            {
                z[d] = x[(r * D) + d] + (inputBias.IsEmpty ? 0.0 : inputBias[d]);
                sum += z[d];
            }

            double mean = sum / D;
            double squares = 0;
            for (int d = 0; d < D; d++)
            {
                squares += (z[d] - mean) * (z[d] - mean);
            }

            double inverse = 1.0 / Math.Sqrt((squares / D) + eps);
            for (int d = 0; d < D; d++)
            {
                y[(r * D) + d] = (float)(((z[d] - mean) * inverse * w[d]) + b[d]);
            }
        }
    }
}
