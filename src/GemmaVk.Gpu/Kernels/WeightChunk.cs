using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Rows of a weight matrix that one dispatch can bind: data and scales.</summary>
/// <param name="First">First row.</param>
/// <param name="Count">Number of rows.</param>
/// <param name="Data">Their data.</param>
/// <param name="Scale">Their scales; the data once more for formats without.</param>
internal readonly record struct WeightChunk(uint First, uint Count, BufferRange Data, BufferRange Scale)
{
    /// <summary>
    /// Rows that chunks are cut at: then every chunk of data and of scales begins at a multiple of 256 bytes, whatever the
    /// format.
    /// </summary>
    public const int RowsPerCut = BufferSize.WeightRowsPerCut;

    /// <summary>The matrix in one piece, or null where a binding cannot span it.</summary>
    public static WeightChunk? Whole(WeightMatrix w) => Of(w).Take(2).ToArray() is [var all] ? all : null;

    /// <summary>The pieces in which neither data nor scales cross a chunk.</summary>
    public static IEnumerable<WeightChunk> Of(WeightMatrix w)
    {
        VulkanBuffer data = (VulkanBuffer)w.Data;
        long dataRow = QuantBlocks.RowBytes(w.Format, w.K);
        long scaleRow = 2 * QuantBlocks.RowScales(w.Format, w.K);
        foreach (BufferChunk chunk in data.Memory.Chunks)
        {
            long first = chunk.Offset / dataRow;
            long end = first + (chunk.Bytes / dataRow);
            if (w.Scale is null)
            {
                yield return new WeightChunk((uint)first, (uint)(end - first), chunk.Range, chunk.Range);
                continue;
            }

            foreach (BufferChunk scale in ((VulkanBuffer)w.Scale).Memory.Chunks)
            {
                long from = System.Math.Max(first, scale.Offset / scaleRow);
                long to = System.Math.Min(end, (scale.Offset + scale.Bytes) / scaleRow);
                if (from < to)
                    yield return new WeightChunk((uint)from, (uint)(to - from), Part(chunk, from, to, dataRow), Part(scale, from, to, scaleRow));
            }
        }
    }

    // To the end of the bound range if the rows reach it: it is rounded up so that vectors stay inside.
    private static BufferRange Part(BufferChunk chunk, long from, long to, long rowBytes)
    {
        long at = (from * rowBytes) - chunk.Offset;
        long end = (to * rowBytes) - chunk.Offset;
        return chunk.Range.Slice(at, (end == chunk.Bytes ? (long)chunk.Range.Size : end) - at);
    }
}
