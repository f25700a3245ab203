using System;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Kernels;

// Letters: T tokens in this pass, H heads, W head width.

/// <summary>
/// Head norm followed by rotation: what every query and key head goes through.
/// <code>
/// y = Rope(RmsNorm(x, w), angles)
/// x [T, H, W] F32    w [W] F32    angles [T, W] F32    y [T, H, W] F32
/// </code>
/// Precision: as its two parts; the normalised value may stay unrounded in between. In place: y may be x.
/// Called by: LayerForward for queries and keys of many rows; for few, <see cref="RmsNormRopeAppend"/> does it. DrafterForward.
/// </summary>
[Kernel("head norm, then rotary embedding", "transformers gemma4_unified: Gemma4UnifiedTextAttention.forward, q_norm and apply_rotary_pos_emb")]
public static class RmsNormRope
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(
        BufferHandle X, BufferHandle Weight, BufferHandle Angles, BufferHandle Y, int T, int H, int W, float Eps);

    /// <summary>Cost of the two it fuses, without the row between them.</summary>
    public static KernelCost Cost(int T, int H, int W) =>
        new(((double)T * H * W * 2 * sizeof(float)) + ((T + 1.0) * W * sizeof(float)), 7.0 * T * H * W);

    /// <summary>The oracle: the two references it fuses.</summary>
    public static void Reference(
        ReadOnlySpan<float> x, ReadOnlySpan<float> w, ReadOnlySpan<float> angles, Span<float> y, int T, int H, int W, float eps)
    {
        float[] normed = new float[T * H * W];
        RmsNorm.Reference(x, w, normed, T * H, W, eps);
        Rope.Reference(normed, angles, y, T, H, W);
    }
}
