using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Cache;

// Letters: K KV heads, R rows of the cache (its capacity), W head width.

/// <summary>
/// Keys and values of one layer: [K, R, W] each, position p in row p mod R. A full layer's R is the context; a sliding
/// layer's is a ring that holds the window and one chunk of new rows, however long the context is.
/// </summary>
/// <remarks>
/// A full layer whose values are its raw keys may keep values alone (<see cref="FullKvStorage.Values"/>); attention then
/// rebuilds keys with the tables of <see cref="KeysFromValues"/>.
/// </remarks>
public sealed class LayerKv : IDisposable
{
    private readonly List<BufferHandle> _buffers = [];

    /// <summary>Allocates one layer's cache. Its rows are undefined until appended.</summary>
    /// <param name="backend">Owner of the memory.</param>
    /// <param name="layer">Shape and kind of the layer.</param>
    /// <param name="context">Most positions a session may hold.</param>
    /// <param name="chunk">Most rows one pass appends.</param>
    /// <param name="precision">Numbers of the cache, and what full layers keep.</param>
    /// <param name="fromValues">How the layer's keys are rebuilt; read only where it keeps values alone.</param>
    public LayerKv(IBackend backend, LayerPlan layer, int context, int chunk, Precision precision, KeysFromValues? fromValues)
    {
        try
        {
            foreach (PlannedBuffer buffer in Layout(layer, context, chunk, precision))
            {
                _buffers.Add(buffer.Allocate(backend));
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        // In the order of Layout: values, their scales, keys, their scales.
        bool scaled = precision.Kv == DType.Q8;
        bool keys = !precision.KeepsValuesOnly(layer);
        Rows = new KvRows(
            keys ? _buffers[scaled ? 2 : 1] : null,
            _buffers[0],
            RowsOf(layer, context, chunk),
            keys && scaled ? _buffers[3] : null,
            scaled ? _buffers[1] : null,
            keys ? null : fromValues ?? throw new ArgumentNullException(nameof(fromValues)));
    }

    /// <summary>The cache as kernels take it.</summary>
    public KvRows Rows { get; }

    /// <summary>All memory of the cache, in the order of <see cref="Layout"/>.</summary>
    public IReadOnlyList<BufferHandle> Buffers => _buffers;

    /// <summary>What the constructor allocates.</summary>
    public static IReadOnlyList<PlannedBuffer> Layout(LayerPlan layer, int context, int chunk, Precision precision)
    {
        Shape shape = new(layer.NumKeyValueHeads, RowsOf(layer, context, chunk), layer.HeadDim);
        Shape scales = new(shape[0], shape[1], shape[2] / QuantBlocks.GroupSize);
        List<PlannedBuffer> buffers = [];
        foreach (string what in precision.KeepsValuesOnly(layer) ? new[] { "v" } : ["v", "k"])
        {
            buffers.Add(new($"layers.{layer.Index}.{what}_cache", precision.Kv, shape));
            if (precision.Kv == DType.Q8)
            {
                buffers.Add(new($"layers.{layer.Index}.{what}_cache_scale", DType.BF16, scales));
            }
        }

        return buffers;
    }

    /// <summary>Bytes that attention of one row over <paramref name="rows"/> positions reads.</summary>
    public static long BytesRead(LayerPlan layer, long rows, Precision precision) =>
        (precision.KeepsValuesOnly(layer) ? 1 : 2) * QuantBlocks.MatrixBytes(precision.Kv, rows * layer.NumKeyValueHeads, layer.HeadDim);

    /// <summary>
    /// Rows a layer needs. The first query of a chunk still sees the window - 1 positions before it while all rows of
    /// the chunk are already in place; the same bound lets up to a chunk of rows be taken back. Seven rows more are for
    /// drafts, so that refused ones have cost no older row.
    /// </summary>
    public static int RowsOf(LayerPlan layer, int context, int chunk) =>
        layer.SlidingWindow == 0 ? context : Math.Min(context, layer.SlidingWindow - 1 + chunk + DraftLength.Most);

    /// <summary>Copies all rows of a cache of the same layout.</summary>
    public void CopyFrom(IBackend backend, LayerKv other)
    {
        foreach ((BufferHandle from, BufferHandle to) in other._buffers.Zip(_buffers))
        {
            backend.Copy(from, to);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.ForEach(buffer => buffer.Dispose());
}
