using System;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: T tokens in this pass, D hidden size.

/// <summary>
/// <see cref="AddRmsNorm"/>, whose result is also rounded for the product that comes next.
/// <code>
/// x', a        = AddRmsNorm(x, y, postWeight, scale, nextWeight)
/// q, d, sum    = QuantizeRows(a)                                   in the order for ForFormat
/// x, y, a [T, D] F32    q [T, D] I8    d, sum [T, D/32] F32    D a multiple of 32
/// </code>
/// Precision and in place: as its two parts.
/// Called by: HalfLayers, twice per layer, where weights of integers take the rows.
/// </summary>
[Kernel("the seam between half layers, with its INT8 rows", "transformers gemma4_unified: Gemma4UnifiedTextDecoderLayer.forward; arXiv:2208.07339 section 2")]
public static class AddRmsNormQuantize
{
    /// <summary>Arguments; shapes are in the kernel's summary. <paramref name="ForFormat"/> is the format of the weights that will meet the rows.</summary>
    public readonly record struct Args(AddRmsNorm.Args Norm, Activations Rows, DType ForFormat);

    /// <summary>Cost of the two it fuses, without the second reading of a.</summary>
    public static KernelCost Cost(int T, int D)
    {
        (KernelCost norm, KernelCost rows) = (AddRmsNorm.Cost(T, D), QuantizeRows.Cost(T, D));
        return new(norm.Bytes + rows.Bytes - ((double)T * D * sizeof(float)), norm.Operations + rows.Operations);
    }

    /// <summary>The oracle: the two references it fuses.</summary>
    public static void Reference(
        Span<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> postWeight, float scale, ReadOnlySpan<float> nextWeight, Span<float> a,
        DType forFormat, Span<sbyte> q, Span<float> d, Span<float> sum, int T, int D, float eps)
    {
        AddRmsNorm.Reference(x, y, postWeight, scale, nextWeight, a, T, D, eps);
        QuantizeRows.Reference(a, forFormat, q, d, sum, T, D);
    }
}
