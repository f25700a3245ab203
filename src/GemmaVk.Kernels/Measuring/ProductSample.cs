using System;
using System.Collections.Generic;

namespace GemmaVk.Kernels.Measuring;

/// <summary>A product of a model by which forms of a kernel can be measured; what it computes is of no interest.</summary>
/// <param name="X">Rows, at least <paramref name="T"/>.</param>
/// <param name="W">Weights.</param>
/// <param name="Y">Room for T rows of the result.</param>
/// <param name="T">Rows: up to 8 go through MatVec, more through MatMul.</param>
/// <param name="Alike">Weights of the same shape and format that take turns with <paramref name="W"/>, so that no cache of a card holds them; or none.</param>
/// <param name="Gated">The call of MatVecGeGlu in a turn, where that is the product.</param>
public readonly record struct ProductSample(Activations X, WeightMatrix W, BufferHandle Y, int T, IReadOnlyList<WeightMatrix>? Alike = null, Func<int, MatVecGeGlu.Args>? Gated = null);
