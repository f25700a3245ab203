using System;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu;

/// <summary>Reads the rows of a source into native memory, several blocks at a time.</summary>
internal sealed unsafe class MatrixReading(MatrixSource source, Action<long>? progress, byte* data, ushort* scale)
{
    /// <summary>Large enough to hide the cost of a block, small enough for an even split and live progress.</summary>
    private const long BlockBytes = 1 << 20;

    /// <summary>Reads all rows; an exception of the source is thrown as it came.</summary>
    public void Run(int threads)
    {
        long rowBytes = QuantBlocks.RowBytes(source.Format, source.Columns);
        long rowScales = QuantBlocks.RowScales(source.Format, source.Columns);
        int block = (int)Math.Clamp(BlockBytes / Math.Max(1, rowBytes), 1, source.Rows);
        int blocks = (source.Rows + block - 1) / block;
        try
        {
            System.Threading.Tasks.Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads }, index =>
            {
                int first = index * block;
                int count = Math.Min(block, source.Rows - first);
                source.ReadRows(
                    first,
                    count,
                    new Span<byte>(data + (first * rowBytes), checked((int)(count * rowBytes))),
                    rowScales == 0 ? [] : new Span<ushort>(scale + (first * rowScales), checked((int)(count * rowScales))));
                progress?.Invoke(count * (rowBytes + (2 * rowScales)));
            });
        }
        catch (AggregateException e) when (e.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
        }
    }
}
