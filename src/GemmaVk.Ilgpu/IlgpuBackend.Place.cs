using System;
using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU.Runtime.CPU;

namespace GemmaVk.Ilgpu;

// Letters: N rows (outputs), K columns (inputs).

// Step 7 of the weight path; from Runtime/MemoryPlanner.cs, to the kernels.
public sealed unsafe partial class IlgpuBackend
{
    // Bytes of a block of rows: large enough to keep a bus busy, small enough to report progress.
    private const long BlockBytes = 4 << 20;

    /// <inheritdoc/>
    public WeightMatrix Place(MatrixSource source, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        (DType format, int N, int K) = (source.Format, source.Rows, source.Columns);
        if (!QuantBlocks.IsMatrix(format) || N < 1 || K < 1 || K % QuantBlocks.ColumnStep(format) != 0)
        {
            throw new ArgumentException(
                $"matrix {source.Name}: expected a format of weights with columns a multiple of {QuantBlocks.ColumnStep(format)}, but it is [{N}, {K}] {format}");
        }

        long rowScales = QuantBlocks.RowScales(format, K);
        Shape dataShape = new(N, K);
        Shape scaleShape = new(N, rowScales);
        if (source.IsMapped && _accelerator is CPUAccelerator && !_options.AlwaysCopy)
        {
            Blocks(source, progress, source.Prefetch);
            return new WeightMatrix(
                format,
                N,
                K,
                Mapped(source.MappedData, source.Name, format, dataShape),
                rowScales == 0 ? null : Mapped(source.MappedScale, source.Name, QuantBlocks.ScaleType(format), scaleShape),
                InPlace: true);
        }

        BufferHandle data = Allocate(source.Name, format, dataShape);
        BufferHandle? scale = null;
        try
        {
            scale = rowScales == 0 ? null : Allocate(source.Name, QuantBlocks.ScaleType(format), scaleShape);
            Lock writing = new();
            Blocks(source, progress, (first, count) => Copy(source, first, count, data, scale, writing));
            return new WeightMatrix(format, N, K, data, scale);
        }
        catch
        {
            data.Dispose();
            scale?.Dispose();
            throw;
        }
    }

    private IlgpuBuffer Mapped(nint address, string name, DType dtype, Shape shape) => new(
        Ledger, CPUMemoryBuffer.Create(_accelerator, address, QuantBlocks.RowBytes(dtype, shape.Count), 1), name, dtype, shape, mapped: true);

    private void Copy(MatrixSource source, int first, int count, BufferHandle data, BufferHandle? scale, Lock writing)
    {
        int dataBytes = checked((int)(count * QuantBlocks.RowBytes(source.Format, source.Columns)));
        int scales = (int)(count * QuantBlocks.RowScales(source.Format, source.Columns));
        byte[] bytes = ArrayPool<byte>.Shared.Rent(dataBytes);
        ushort[] steps = ArrayPool<ushort>.Shared.Rent(scales);
        try
        {
            source.Prefetch(first, count);
            source.ReadRows(first, count, bytes.AsSpan(0, dataBytes), steps.AsSpan(0, scales));
            lock (writing)
            {
                // The device belongs to one thread at a time.
                _accelerator.Bind();
                Write<byte>(data, bytes.AsSpan(0, dataBytes), (long)first * source.Columns);
                if (scale is not null)
                {
                    Write<ushort>(scale, steps.AsSpan(0, scales), first * QuantBlocks.RowScales(source.Format, source.Columns));
                }
            }

            source.Release(first, count);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<ushort>.Shared.Return(steps);
        }
    }

    private static void Blocks(MatrixSource source, Action<long>? progress, Action<int, int> work)
    {
        long rowBytes = QuantBlocks.MatrixBytes(source.Format, 1, source.Columns);
        int block = (int)Math.Clamp(BlockBytes / rowBytes, 1, source.Rows);
        int blocks = (source.Rows + block - 1) / block;
        try
        {
            Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, index =>
            {
                int first = index * block;
                int count = Math.Min(block, source.Rows - first);
                work(first, count);
                progress?.Invoke(count * rowBytes);
            });
        }
        catch (AggregateException e) when (e.InnerException is not null)
        {
            // A reader's complaint arrives as it was made.
            ExceptionDispatchInfo.Throw(e.InnerException);
        }
    }
}
