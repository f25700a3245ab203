using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Cache;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Prefixes;

/// <summary>
/// A copy in main memory of rows first .. end - 1 of some layers of a cache: of all full layers or of all sliding ones, layer by layer,
/// buffer by buffer, head by head, byte for byte as they were.
/// </summary>
internal sealed class SealedRows
{
    private readonly PageStock _stock;
    private readonly byte[][] _pages;
    private readonly bool _sliding;
    private readonly int _first;
    private readonly int _end;

    private SealedRows(PageStock stock, byte[][] pages, bool sliding, int first, int end) =>
        (_stock, _pages, _sliding, _first, _end) = (stock, pages, sliding, first, end);

    /// <summary>Bytes of a row of all full layers, or of all sliding ones.</summary>
    public static long RowBytes(KvCache kv, IReadOnlyList<LayerPlan> plan, bool sliding)
    {
        long bytes = 0;
        foreach (BufferHandle buffer in Buffers(kv, plan, sliding))
        {
            bytes += buffer.Shape[0] * QuantBlocks.RowBytes(buffer.DType, buffer.Shape[2]);
        }

        return bytes;
    }

    /// <summary>Copies rows out of a cache that holds them. The stock has the pages for it.</summary>
    public static SealedRows Of(IBackend backend, KvCache kv, IReadOnlyList<LayerPlan> plan, bool sliding, int first, int end, PageStock stock)
    {
        byte[][] pages = stock.Take((end - first) * RowBytes(kv, plan, sliding));
        SealedRows rows = new(stock, pages, sliding, first, end);
        try
        {
            rows.Each(kv, plan, (buffer, stretch, bytes) => stretch.Read(backend, buffer, bytes.Span));
            return rows;
        }
        catch
        {
            rows.Release();
            throw;
        }
    }

    /// <summary>Copies the rows back to their places in a cache of the same layout, whatever its context and chunk.</summary>
    public void Write(IBackend backend, KvCache kv, IReadOnlyList<LayerPlan> plan) =>
        Each(kv, plan, (buffer, stretch, bytes) => stretch.Write(backend, buffer, bytes.Span));

    /// <summary>Gives the memory back.</summary>
    public void Release() => _stock.Return(_pages);

    private void Each(KvCache kv, IReadOnlyList<LayerPlan> plan, Action<BufferHandle, KvStretch, Memory<byte>> copy)
    {
        long at = 0;
        foreach (BufferHandle buffer in Buffers(kv, plan, _sliding))
        {
            foreach (KvStretch stretch in KvStretch.Of(buffer, _first, _end))
            {
                for (int done = 0; done < stretch.Bytes;)
                {
                    (int page, int within) = ((int)(at / _stock.PageBytes), (int)(at % _stock.PageBytes));
                    int count = Math.Min(stretch.Bytes - done, _stock.PageBytes - within);
                    copy(buffer, stretch.Part(done, count), _pages[page].AsMemory(within, count));
                    done += count;
                    at += count;
                }
            }
        }
    }

    private static IEnumerable<BufferHandle> Buffers(KvCache kv, IReadOnlyList<LayerPlan> plan, bool sliding)
    {
        for (int i = 0; i < plan.Count; i++)
        {
            foreach (BufferHandle buffer in plan[i].SlidingWindow > 0 == sliding ? kv.Layers[i].Buffers : [])
            {
                yield return buffer;
            }
        }
    }
}
