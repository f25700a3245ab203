using System;
using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu;

// Letters: N rows (outputs), K columns (inputs).

// Step 7 of the weight path; from Runtime/MemoryPlanner.cs, to the kernels.
public sealed partial class VulkanBackend
{
    // Bytes of a block of rows: large enough to keep a bus busy, small enough to report progress.
    private const long BlockBytes = 8 << 20;

    /// <inheritdoc/>
    public WeightMatrix Place(MatrixSource source, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (Array.IndexOf(Formats.Weights, source.Format) < 0)
            throw new ArgumentException($"'{source.Name}' is {source.Format}; kernels read {string.Join(", ", Formats.Weights)}");
        int N = source.Rows;
        int K = source.Columns;
        long scales = QuantBlocks.RowScales(source.Format, K);
        VulkanBuffer data = PlacedBuffer(source.Name, source.Format, new Shape(N, K), QuantBlocks.RowBytes(source.Format, K));
        VulkanBuffer? scale = null;
        try
        {
            scale = scales == 0 ? null : PlacedBuffer(source.Name + ".scale", QuantBlocks.ScaleType(source.Format), new Shape(N, scales), 2 * scales);
            ReadBlocks(source, data.Memory, scale?.Memory, progress);
            placed.Add(data, (source, scale));
            return new WeightMatrix(source.Format, N, K, data, scale);
        }
        catch (Exception e)
        {
            // Nothing half-loaded stays behind, and a reader's complaint arrives as it was made.
            data.Dispose();
            scale?.Dispose();
            ExceptionDispatchInfo.Throw(e is AggregateException { InnerException: { } inner } ? inner : e);
            throw;
        }
    }

    private VulkanBuffer PlacedBuffer(string name, DType dtype, Shape shape, long rowBytes) =>
        NewBuffer(name, dtype, shape, on => DeviceBuffer.Allocate(on, name, shape[0] * rowBytes, rowBytes * WeightChunk.RowsPerCut));

    private static void ReadBlocks(MatrixSource source, DeviceBuffer data, DeviceBuffer? scale, Action<long>? progress)
    {
        int K = source.Columns;
        long dataRow = QuantBlocks.RowBytes(source.Format, K);
        int scaleRow = (int)QuantBlocks.RowScales(source.Format, K);
        // Whole cuts, so that a block never crosses a chunk.
        int rows = (int)Math.Max(1, BlockBytes / (dataRow * WeightChunk.RowsPerCut)) * WeightChunk.RowsPerCut;
        int blocks = (source.Rows + rows - 1) / rows;
        Lock writing = new();
        Parallel.For(0, blocks, block =>
        {
            int first = block * rows;
            int count = Math.Min(rows, source.Rows - first);
            byte[] bytes = ArrayPool<byte>.Shared.Rent(checked((int)(count * dataRow)));
            ushort[] steps = ArrayPool<ushort>.Shared.Rent(count * scaleRow);
            try
            {
                Span<byte> dataPart = bytes.AsSpan(0, (int)(count * dataRow));
                Span<ushort> scalePart = steps.AsSpan(0, count * scaleRow);
                source.ReadRows(first, count, dataPart, scalePart);
                lock (writing)
                {
                    // The device belongs to one thread at a time.
                    data.Write(dataPart, first * dataRow);
                    scale?.Write(MemoryMarshal.AsBytes(scalePart), first * scaleRow * sizeof(ushort));
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
                ArrayPool<ushort>.Shared.Return(steps);
            }

            progress?.Invoke(count * (dataRow + (2L * scaleRow)));
        });
    }
}
