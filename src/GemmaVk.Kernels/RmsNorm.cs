using System;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Kernels;

// Letters: R rows (T tokens, or T tokens times heads), D width of a row.

/// <summary>
/// Root-mean-square normalisation, with or without weight.
/// <code>
/// y[r, d] = x[r, d] * rsqrt(mean_d(x[r, d]^2) + eps) * w[d]          (w = 1 when there is none; never 1 + w)
/// x [R, D] F32    w [D] F32 or null    y [R, D] F32
/// </code>
/// Precision: the sum of squares is accumulated in F32 or better. In place: y may be x.
/// Called by: ForwardPass and DrafterForward (input norm of the first layer), LayerForward (head norm of V), MediaForward, traces.
/// </summary>
[Kernel("RMS normalisation of rows", "arXiv:1910.07467 eq. 4; transformers gemma4_unified: Gemma4UnifiedRMSNorm.forward")]
public static class RmsNorm
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(BufferHandle X, BufferHandle? Weight, BufferHandle Y, int R, int D, float Eps);

    /// <summary>Cost of R rows: read and written once; four operations per value.</summary>
    public static KernelCost Cost(int R, int D) =>
        new(((double)R * D * 2 * sizeof(float)) + (D * sizeof(float)), 4.0 * R * D);

    /// <summary>The oracle: plain loops, sums in F64.</summary>
    public static void Reference(ReadOnlySpan<float> x, ReadOnlySpan<float> w, Span<float> y, int R, int D, float eps)
    {
        for (int r = 0; r < R; r++)
        {
            double sum = 0;
            for (int d = 0; d < D; d++)
            {
                sum += (double)x[(r * D) + d] * x[(r * D) + d];
            }

            double inverse = 1.0 / Math.Sqrt((sum / D) + eps);
            for (int d = 0; d < D; d++)
            {
                y[(r * D) + d] = (float)(x[(r * D) + d] * inverse * (w.IsEmpty ? 1.0 : w[d]));
            }
        }
    }
}
