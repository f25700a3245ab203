namespace GemmaVk.Kernels.Measuring;

/// <summary>A product of a model by which forms of a kernel can be measured; what it computes is of no interest.</summary>
/// <param name="X">Rows, at least <paramref name="T"/>.</param>
/// <param name="W">Weights.</param>
/// <param name="Y">Room for T rows of the result.</param>
/// <param name="T">Rows: up to 8 go through MatVec, more through MatMul.</param>
public readonly record struct ProductSample(Activations X, WeightMatrix W, BufferHandle Y, int T);
