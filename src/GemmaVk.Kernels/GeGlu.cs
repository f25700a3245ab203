using System;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Kernels;

// Letters: T tokens in this pass, F FFN size.

/// <summary>
/// Gated GELU in its tanh form.
/// <code>
/// y = gelu(gate) * up,    gelu(z) = 0.5 z (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3)))
/// gate, up, y [T, F] F32
/// </code>
/// Precision: F32; large arguments must not overflow to NaN (tanh saturates). In place: y may be gate or up.
/// Called by: HalfLayers, once per layer where <see cref="MatVecGeGlu"/> does not do it.
/// </summary>
[Kernel("gelu(gate) * up", "arXiv:2002.05202 eq. 6; torch.nn.functional.gelu(approximate='tanh')")]
public static class GeGlu
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(BufferHandle Gate, BufferHandle Up, BufferHandle Y, int T, int F);

    /// <summary>Cost of T rows: two in, one out; ten operations per value, tanh counted as one.</summary>
    public static KernelCost Cost(int T, int F) =>
        new((double)T * F * 3 * sizeof(float), 10.0 * T * F);

    /// <summary>The oracle.</summary>
    public static void Reference(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> y)
    {
        for (int i = 0; i < y.Length; i++)
        {
            double z = gate[i];
            double gelu = 0.5 * z * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (z + (0.044715 * z * z * z))));
            y[i] = (float)(gelu * up[i]);
        }
    }
}
