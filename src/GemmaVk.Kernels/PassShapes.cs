using System.Collections.Generic;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: C rows of the longest pass, V vocabulary, H query heads, K KV heads, R rows of the cache, W head width.

/// <summary>The shapes that decide how much memory kernels take for themselves while they run.</summary>
/// <param name="C">Most rows of a pass.</param>
/// <param name="V">Logits per row.</param>
/// <param name="Inputs">Columns of the widest matrix.</param>
/// <param name="Attention">One entry per kind of layer.</param>
public sealed record PassShapes(int C, int V, int Inputs, IReadOnlyList<AttentionShape> Attention);

/// <summary>Attention of one kind of layer.</summary>
/// <param name="H">Query heads.</param>
/// <param name="K">KV heads.</param>
/// <param name="W">Head width.</param>
/// <param name="R">Rows of the cache.</param>
/// <param name="Kv">Format of the cache.</param>
public sealed record AttentionShape(int H, int K, int W, int R, DType Kv);
