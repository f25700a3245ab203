using System;
using System.Buffers;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Repack;

/// <summary>Step 5 of the weight path; from TensorSource, to the backend. A matrix whose rows are made from another matrix's rows, one at a time, whenever they are read.</summary>
internal abstract unsafe class ConvertedMatrix(MatrixSource stored, DType format) : MatrixSource
{
    public override string Name => stored.Name;

    public override DType Format => format;

    public override int Rows => stored.Rows;

    public override int Columns => stored.Columns;

    public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale)
    {
        int storedBytes = (int)QuantBlocks.RowBytes(stored.Format, Columns), storedScales = (int)QuantBlocks.RowScales(stored.Format, Columns);
        int rowBytes = (int)QuantBlocks.RowBytes(format, Columns), rowScales = (int)QuantBlocks.RowScales(format, Columns);
        byte* mapped = (byte*)stored.MappedData;
        ushort* mappedScale = (ushort*)stored.MappedScale;
        bool inPlace = mapped != null && (mappedScale != null || storedScales == 0);
        byte[] bytes = inPlace ? [] : ArrayPool<byte>.Shared.Rent(storedBytes);
        ushort[] scales = inPlace ? [] : ArrayPool<ushort>.Shared.Rent(Math.Max(1, storedScales));
        float[] values = ArrayPool<float>.Shared.Rent(Columns);
        try
        {
            for (int r = 0; r < count; r++)
            {
                Span<byte> rowData = data.Slice(r * rowBytes, rowBytes);
                Span<ushort> rowScale = scale.Slice(r * rowScales, rowScales);
                if (inPlace)
                {
                    ReadOnlySpan<ushort> storedScale = storedScales == 0 ? [] : new(mappedScale + ((long)(first + r) * storedScales), storedScales);
                    Convert(first + r, new ReadOnlySpan<byte>(mapped + ((long)(first + r) * storedBytes), storedBytes), storedScale, values.AsSpan(0, Columns), rowData, rowScale);
                }
                else
                {
                    stored.ReadRows(first + r, 1, bytes.AsSpan(0, storedBytes), scales.AsSpan(0, storedScales));
                    Convert(first + r, bytes.AsSpan(0, storedBytes), scales.AsSpan(0, storedScales), values.AsSpan(0, Columns), rowData, rowScale);
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(values);
            if (!inPlace)
            {
                ArrayPool<byte>.Shared.Return(bytes);
                ArrayPool<ushort>.Shared.Return(scales);
            }
        }
    }

    public override void Prefetch(int first, int count) => stored.Prefetch(first, count);

    public override void Release(int first, int count) => stored.Release(first, count);

    /// <summary>Converts one row.</summary>
    /// <param name="row">Its number, for messages.</param>
    /// <param name="storedData">Its stored data.</param>
    /// <param name="storedScale">Its stored scales.</param>
    /// <param name="values">Scratch: one float per column.</param>
    /// <param name="data">Receives the data.</param>
    /// <param name="scale">Receives the scales.</param>
    protected abstract void Convert(int row, ReadOnlySpan<byte> storedData, ReadOnlySpan<ushort> storedScale, Span<float> values, Span<byte> data, Span<ushort> scale);
}
