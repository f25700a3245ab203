using System;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Kernels;

/// <summary>
/// Bounds logits smoothly.
/// <code>
/// y[i] = cap * tanh(x[i] / cap)
/// x, y [Count] F32
/// </code>
/// Precision: F32; minus infinity gives -cap. In place: y may be x.
/// Called by: ForwardPass after the head, with cap 30; the drafter's head has none.
/// </summary>
[Kernel("cap * tanh(x / cap)", "transformers gemma4_unified: Gemma4UnifiedForConditionalGeneration.forward, final_logit_softcapping")]
public static class SoftCap
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(BufferHandle X, BufferHandle Y, float Cap, int Count);

    /// <summary>Cost of <paramref name="count"/> values: read and written once.</summary>
    public static KernelCost Cost(int count) =>
        new((double)count * 2 * sizeof(float), 3.0 * count);

    /// <summary>The oracle.</summary>
    public static void Reference(ReadOnlySpan<float> x, Span<float> y, float cap)
    {
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = (float)(cap * Math.Tanh(x[i] / (double)cap));
        }
    }
}
