using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime;

// Letters: K KV heads, R rows of the cache (its capacity), W head width.

/// <summary>
/// Keys and values of one layer: [K, R, W] each, position p in row p mod R. A full layer's R is the context; a sliding
/// layer's is a ring that holds the window and one chunk of new rows, however long the context is.
/// </summary>
public sealed class LayerKv : IDisposable
{
    /// <summary>Allocates one layer's cache. Its rows are undefined until appended.</summary>
    /// <param name="backend">Owner of the memory.</param>
    /// <param name="layer">Shape and kind of the layer.</param>
    /// <param name="context">Most positions a session may hold.</param>
    /// <param name="chunk">Most rows one pass appends.</param>
    /// <param name="kv">F16 or F32.</param>
    public LayerKv(IBackend backend, LayerPlan layer, int context, int chunk, DType kv)
    {
        R = Rows(layer, context, chunk);
        IReadOnlyList<PlannedBuffer> buffers = Layout(layer, context, chunk, kv);
        K = buffers[0].Allocate(backend);
        V = buffers[1].Allocate(backend);
    }

    /// <summary>What the constructor allocates.</summary>
    public static IReadOnlyList<PlannedBuffer> Layout(LayerPlan layer, int context, int chunk, DType kv)
    {
        Shape shape = new(layer.NumKeyValueHeads, Rows(layer, context, chunk), layer.HeadDim);
        return [new($"layers.{layer.Index}.k_cache", kv, shape), new($"layers.{layer.Index}.v_cache", kv, shape)];
    }

    /// <summary>Keys after norm and rotation, [K, R, W].</summary>
    public BufferHandle K { get; }

    /// <summary>Values after norm, [K, R, W].</summary>
    public BufferHandle V { get; }

    /// <summary>Rows: positions a full layer can hold, or slots of the ring.</summary>
    public int R { get; }

    /// <summary>
    /// Rows a layer needs. The first query of a chunk still sees the window - 1 positions before it while all rows of
    /// the chunk are already in place; the same bound lets up to a chunk of rows be taken back. Seven rows more are for
    /// drafts, so that refused ones have cost no older row.
    /// </summary>
    public static int Rows(LayerPlan layer, int context, int chunk) =>
        layer.SlidingWindow == 0 ? context : Math.Min(context, layer.SlidingWindow - 1 + chunk + DraftLength.Most);

    /// <inheritdoc/>
    public void Dispose()
    {
        K.Dispose();
        V.Dispose();
    }
}
