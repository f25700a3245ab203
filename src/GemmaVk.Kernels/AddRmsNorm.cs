using System;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Kernels;

// Letters: T tokens in this pass, D hidden size.

/// <summary>
/// Closes a half layer and opens the next: post-norm, residual, layer scalar, and the norm that follows.
/// <code>
/// x'[t, :] = (x[t, :] + RmsNorm(y[t, :], postWeight)) * scale
/// a[t, :]  = RmsNorm(x'[t, :], nextWeight)
/// x, y, a [T, D] F32    postWeight, nextWeight [D] F32    scale: the layer scalar, or 1 after attention
/// </code>
/// Precision: both sums of squares in F32 or better. In place: x' replaces x; a must be another buffer than x, and may be y.
/// Called by: HalfLayers, twice per layer whose rows stay floats; the last one's nextWeight is the final norm. <see cref="AddRmsNormQuantize"/> where not.
/// </summary>
[Kernel("post-norm, residual, layer scalar and the next norm", "transformers gemma4_unified: Gemma4UnifiedTextDecoderLayer.forward")]
public static class AddRmsNorm
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(
        BufferHandle X, BufferHandle Y, BufferHandle PostWeight, float Scale, BufferHandle NextWeight, BufferHandle A, int T, int D, float Eps);

    /// <summary>Cost of T rows: the residual read and written, y read, a written; ten operations per value.</summary>
    public static KernelCost Cost(int T, int D) =>
        new(((double)T * D * 4 * sizeof(float)) + (2.0 * D * sizeof(float)), 10.0 * T * D);

    /// <summary>The oracle: two RMS norms and the residual between them.</summary>
    public static void Reference(
        Span<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> postWeight, float scale, ReadOnlySpan<float> nextWeight, Span<float> a, int T, int D, float eps)
    {
        float[] normed = new float[T * D];
        RmsNorm.Reference(y, postWeight, normed, T, D, eps);
        for (int i = 0; i < normed.Length; i++)
        {
            x[i] = (x[i] + normed[i]) * scale;
        }

        RmsNorm.Reference(x, nextWeight, a, T, D, eps);
    }
}
