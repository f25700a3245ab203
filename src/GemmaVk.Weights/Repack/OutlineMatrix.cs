using System;
using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Repack;

// Letters: N rows, K columns.

/// <summary>
/// A matrix in a smaller format, and on the way for each row how large it is and how far its copy is from it: what a proof about its products
/// needs. Both are of the values that kernels take, so of the matrix as it is placed, which may itself be a conversion.
/// </summary>
/// <param name="exact">The matrix as it is placed.</param>
/// <param name="format">Q8 or Q4.</param>
/// <param name="measured">
/// Told of each row that is read: its number, an upper bound of its norm, one of the norm of its difference to the copy, and the largest
/// scale of either. From several threads at once for different rows.
/// </param>
public sealed unsafe class OutlineMatrix(MatrixSource exact, DType format, Action<int, double, double, double> measured) : MatrixSource
{
    /// <inheritdoc/>
    public override string Name => exact.Name + ".outline";

    /// <inheritdoc/>
    public override DType Format => format;

    /// <inheritdoc/>
    public override int Rows => exact.Rows;

    /// <inheritdoc/>
    public override int Columns => exact.Columns;

    /// <inheritdoc/>
    public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale)
    {
        int K = Columns;
        int exactBytes = (int)QuantBlocks.RowBytes(exact.Format, K), exactScales = (int)QuantBlocks.RowScales(exact.Format, K);
        int rowBytes = (int)QuantBlocks.RowBytes(format, K), rowScales = (int)QuantBlocks.RowScales(format, K);
        byte* mapped = exact.IsMapped ? (byte*)exact.MappedData : null;
        ushort* mappedScale = mapped == null ? null : (ushort*)exact.MappedScale;
        byte[] bytes = ArrayPool<byte>.Shared.Rent(exactBytes);
        ushort[] scales = ArrayPool<ushort>.Shared.Rent(Math.Max(1, exactScales));
        float[] values = ArrayPool<float>.Shared.Rent(2 * K);
        try
        {
            for (int r = 0; r < count; r++)
            {
                ReadOnlySpan<byte> rowExact = bytes.AsSpan(0, exactBytes);
                ReadOnlySpan<ushort> exactScale = scales.AsSpan(0, exactScales);
                if (mapped != null)
                {
                    rowExact = new(mapped + ((long)(first + r) * exactBytes), exactBytes);
                    exactScale = exactScales == 0 ? [] : new(mappedScale + ((long)(first + r) * exactScales), exactScales);
                }
                else
                {
                    exact.ReadRows(first + r, 1, bytes.AsSpan(0, exactBytes), scales.AsSpan(0, exactScales));
                }

                (double Row, double Difference, double Scale)? found = exact.Format == DType.BF16 && format == DType.Q8
                    ? OutlineRow.Quantise(MemoryMarshal.Cast<byte, ushort>(rowExact), data.Slice(r * rowBytes, rowBytes), scale.Slice(r * rowScales, rowScales))
                    : Quantise(rowExact, exactScale, values.AsSpan(0, 2 * K), data.Slice(r * rowBytes, rowBytes), scale.Slice(r * rowScales, rowScales));
                (double row, double difference, double largest) = found ?? throw Conversion.NotFinite(exact.Name, first + r);
                measured(first + r, Norm(row, K), Norm(difference, K), largest);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<ushort>.Shared.Return(scales);
            ArrayPool<float>.Shared.Return(values);
        }
    }

    // Rows that are used where they are mapped are there already, and stay.

    /// <inheritdoc/>
    public override void Prefetch(int first, int count)
    {
        if (!exact.IsMapped)
        {
            exact.Prefetch(first, count);
        }
    }

    /// <inheritdoc/>
    public override void Release(int first, int count)
    {
        if (!exact.IsMapped)
        {
            exact.Release(first, count);
        }
    }

    /// <summary>A row of any format, as <see cref="OutlineRow"/> does those of BF16.</summary>
    private (double Row, double Difference, double Scale)? Quantise(
        ReadOnlySpan<byte> exactData, ReadOnlySpan<ushort> exactScale, Span<float> values, Span<byte> data, Span<ushort> scale)
    {
        int K = Columns;
        Span<float> row = values[..K], copy = values.Slice(K, K);
        Repack.Rows.ToSingle(exact.Format, exactData, exactScale, K, row);
        if (!(format == DType.Q4 ? Int4Groups.Quantise(row, data, scale) : Int8Groups.Quantise(row, data, scale)))
        {
            return null;
        }

        Repack.Rows.ToSingle(format, data, scale, K, copy);
        return (Squares(row, []), Squares(row, copy), Math.Max(LargestScale(exact.Format, exactScale), LargestScale(format, scale)));
    }

    /// <summary>Sum of the squares of a row, or of its difference to another.</summary>
    private static double Squares(ReadOnlySpan<float> row, ReadOnlySpan<float> other)
    {
        // K is a multiple of 32, and so of every vector's width.
        ReadOnlySpan<Vector<float>> a = MemoryMarshal.Cast<float, Vector<float>>(row), b = MemoryMarshal.Cast<float, Vector<float>>(other);
        Vector<float> squares = Vector<float>.Zero;
        for (int i = 0; i < a.Length; i++)
        {
            Vector<float> difference = b.Length == 0 ? a[i] : a[i] - b[i];
            squares += difference * difference;
        }

        double sum = 0;
        for (int lane = 0; lane < Vector<float>.Count; lane++)
        {
            sum += squares[lane];
        }

        return sum;
    }

    /// <summary>
    /// The root of a sum, never below the exact one: sums of K squares in F32 lose at most (K + 4) 2^-24 of themselves in whatever order, squares below
    /// the normal numbers at most 2^-149 each, and a difference 2^-24 of itself.
    /// </summary>
    internal static double Norm(double sum, int K)
    {
        double lost = (K + 16.0) / (1 << 24);
        return (Math.Sqrt(sum * (1 + (2 * lost))) * (1 + 1e-6)) + (Math.Sqrt(K) * 3e-23);
    }

    private static double LargestScale(DType format, ReadOnlySpan<ushort> scales)
    {
        float largest = 0;
        foreach (ushort scale in scales)
        {
            float size = MathF.Abs(QuantBlocks.Scale(format, scale));
            largest = size <= largest ? largest : size;
        }

        return largest;
    }
}
