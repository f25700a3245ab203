using System;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Kernels;

// Letters: T tokens in this pass, H heads, W head width.

/// <summary>
/// Rotary position embedding, halves paired (i, i + W/2), with angles given per token.
/// <code>
/// y[t, h, i]       = x[t, h, i]       * cos[t, i] - x[t, h, i + W/2] * sin[t, i]
/// y[t, h, i + W/2] = x[t, h, i + W/2] * cos[t, i] + x[t, h, i]       * sin[t, i]          i in 0 .. W/2 - 1
/// x [T, H, W] F32    angles [T, W] F32: W/2 cosines, then W/2 sines    y [T, H, W] F32
/// </code>
/// Dimensions that a full layer does not rotate have cosine 1 and sine 0. The angles come from the host, where they are
/// computed in F64: no device's own sine is good enough at position 262,143.
/// Precision: F32. In place: y may be x.
/// Called by: traces, to show the step that <see cref="RmsNormRope"/> fuses.
/// </summary>
[Kernel("rotary embedding by given angles", "arXiv:2104.09864 eq. 34; transformers gemma4_unified: apply_rotary_pos_emb")]
public static class Rope
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(BufferHandle X, BufferHandle Angles, BufferHandle Y, int T, int H, int W);

    /// <summary>Cost of T rows of H heads: read and written once, with their angles; three operations per value.</summary>
    public static KernelCost Cost(int T, int H, int W) =>
        new(((double)T * H * W * 2 * sizeof(float)) + ((double)T * W * sizeof(float)), 3.0 * T * H * W);

    /// <summary>The oracle.</summary>
    public static void Reference(ReadOnlySpan<float> x, ReadOnlySpan<float> angles, Span<float> y, int T, int H, int W)
    {
        int half = W / 2;
        for (int t = 0; t < T; t++)
        {
            for (int h = 0; h < H; h++)
            {
                int row = ((t * H) + h) * W;
                for (int i = 0; i < half; i++)
                {
                    float a = x[row + i];
                    float b = x[row + i + half];
                    float cos = angles[(t * W) + i];
                    float sin = angles[(t * W) + half + i];
                    y[row + i] = (float)(((double)a * cos) - ((double)b * sin));
                    y[row + i + half] = (float)(((double)b * cos) + ((double)a * sin));
                }
            }
        }
    }
}
