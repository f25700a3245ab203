using System;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu;

/// <summary>Brings the rows of a source into memory, several blocks at a time; an exception of the source is thrown as it came.</summary>
internal sealed unsafe class MatrixReading(MatrixSource source, Action<long>? progress, int threads)
{
    /// <summary>Large enough to hide the cost of a block, small enough for an even split and live progress.</summary>
    private const long BlockBytes = 1 << 20;

    /// <summary>Nothing is copied here, and the disk likes long reads.</summary>
    private const long MappedBlockBytes = 16 << 20;

    /// <summary>So many that no thread waits long for the last one.</summary>
    private const int BlocksPerThread = 4;

    private readonly long _rowBytes = QuantBlocks.RowBytes(source.Format, source.Columns);
    private readonly long _rowScales = QuantBlocks.RowScales(source.Format, source.Columns);

    private long EvenBytes => source.Rows * _rowBytes / ((long)threads * BlocksPerThread);

    /// <summary>Copies all rows; what the source held for them alone is given up block by block.</summary>
    public void Read(byte* data, ushort* scale) => Blocks(Math.Min(BlockBytes, EvenBytes), (first, count) =>
    {
        // Pages come in by the block and not one by one as they are touched.
        source.Prefetch(first, count);
        source.ReadRows(
            first,
            count,
            new Span<byte>(data + (first * _rowBytes), checked((int)(count * _rowBytes))),
            _rowScales == 0 ? [] : new Span<ushort>(scale + (first * _rowScales), checked((int)(count * _rowScales))));
        source.Release(first, count);
    });

    /// <summary>Has all rows in memory where they are mapped, so that the first pass does not wait for a page at a time.</summary>
    public void Map() => Blocks(MappedBlockBytes, source.Hold);

    private void Blocks(long blockBytes, Action<int, int> work)
    {
        int block = (int)Math.Clamp(blockBytes / Math.Max(1, _rowBytes), 1, source.Rows);
        int blocks = (source.Rows + block - 1) / block;
        try
        {
            System.Threading.Tasks.Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads }, index =>
            {
                int first = index * block;
                int count = Math.Min(block, source.Rows - first);
                work(first, count);
                progress?.Invoke(count * (_rowBytes + (2 * _rowScales)));
            });
        }
        catch (AggregateException e) when (e.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
        }
    }
}
