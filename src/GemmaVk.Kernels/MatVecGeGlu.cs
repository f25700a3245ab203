using System;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: T rows in this pass (1 to 8), F FFN size, K inputs.

/// <summary>
/// Both matrices of a gated FFN with one to eight rows, and the gate between them.
/// <code>
/// y[t, f] = gelu(sum_k x[t, k] * Gate[f, k]) * sum_k x[t, k] * Up[f, k]          MatVec twice, then GeGlu
/// x [T, K] F32 or INT8 rows    Gate, Up [F, K] of one format (<see cref="WeightMatrix.IsLike"/>)
/// y [T, F] F32, or INT8 rows in the order for ForFormat (<see cref="QuantizeRows"/>)
/// gate, up [T, F] F32: room for the two products, undefined afterwards; y may be gate
/// </code>
/// Precision: as its parts; the products may stay where they were made. A row's result does not depend on T or on its place among the
/// rows, bit for bit on one device.
/// Called by: HalfLayers for passes of up to eight rows, those of drafters included.
/// </summary>
[Kernel("gate and up with their gate, one to eight rows", "transformers gemma4_unified: Gemma4UnifiedTextMLP.forward; arXiv:2002.05202 eq. 6")]
public static class MatVecGeGlu
{
    /// <summary>Arguments; shapes are in the kernel's summary. <paramref name="ForFormat"/> counts where y is INT8.</summary>
    public readonly record struct Args(
        Activations X, WeightMatrix Gate, WeightMatrix Up, BufferHandle GateRows, BufferHandle UpRows, Activations Y, DType ForFormat, int T);

    /// <summary>Cost of both products and the gate: the weights once, the rows once, y once.</summary>
    public static KernelCost Cost(DType format, bool quantised, bool quantisedResult, int T, int F, int K)
    {
        KernelCost product = MatVec.Cost(format, quantised, T, F, K);
        double result = (double)T * F * (quantisedResult ? 1 + (2.0 * sizeof(float) / QuantBlocks.GroupSize) : sizeof(float));
        double weights = QuantBlocks.MatrixBytes(format, F, K);
        // A product's cost counts its weights, the rows and its own result.
        return new(product.Bytes + weights - ((double)T * F * sizeof(float)) + result, (2 * product.Operations) + (10.0 * T * F), product.Arithmetic);
    }

    /// <summary>The oracle for float rows; INT8 results are what <see cref="QuantizeRows.Reference"/> makes of y.</summary>
    public static void Reference(
        ReadOnlySpan<float> x, DType format, ReadOnlySpan<byte> gate, ReadOnlySpan<ushort> gateScales, ReadOnlySpan<byte> up,
        ReadOnlySpan<ushort> upScales, Span<float> y, int T, int F, int K)
    {
        (float[] g, float[] u) = (new float[T * F], new float[T * F]);
        MatVec.Reference(x, format, gate, gateScales, g, T, F, K);
        MatVec.Reference(x, format, up, upScales, u, T, F, K);
        GeGlu.Reference(g, u, y);
    }

    /// <summary>The oracle for INT8 rows.</summary>
    public static void ReferenceQuantised(
        ReadOnlySpan<sbyte> q, ReadOnlySpan<float> d, DType format, ReadOnlySpan<byte> gate, ReadOnlySpan<ushort> gateScales, ReadOnlySpan<byte> up,
        ReadOnlySpan<ushort> upScales, Span<float> y, int T, int F, int K)
    {
        (float[] g, float[] u) = (new float[T * F], new float[T * F]);
        MatVec.ReferenceQuantised(q, d, format, gate, gateScales, g, T, F, K);
        MatVec.ReferenceQuantised(q, d, format, up, upScales, u, T, F, K);
        GeGlu.Reference(g, u, y);
    }
}
