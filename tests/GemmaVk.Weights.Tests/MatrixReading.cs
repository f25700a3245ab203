using System;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Tests;

/// <summary>Reads a whole matrix the way a backend does, and decodes it with the scalar formula.</summary>
internal static class MatrixReading
{
    public static (byte[] Data, ushort[] Scale) ReadAll(this MatrixSource matrix)
    {
        byte[] data = new byte[matrix.Rows * QuantBlocks.RowBytes(matrix.Format, matrix.Columns)];
        ushort[] scale = new ushort[matrix.Rows * QuantBlocks.RowScales(matrix.Format, matrix.Columns)];
        // Two uneven blocks: a source must not depend on where a block starts.
        int half = matrix.Rows / 3;
        Read(0, half);
        Read(half, matrix.Rows - half);
        return (data, scale);

        void Read(int first, int count) => matrix.ReadRows(
            first, count,
            data.AsSpan((int)(first * QuantBlocks.RowBytes(matrix.Format, matrix.Columns)), (int)(count * QuantBlocks.RowBytes(matrix.Format, matrix.Columns))),
            scale.AsSpan((int)(first * QuantBlocks.RowScales(matrix.Format, matrix.Columns)), (int)(count * QuantBlocks.RowScales(matrix.Format, matrix.Columns))));
    }

    public static float[] Values(this MatrixSource matrix)
    {
        (byte[] data, ushort[] scale) = matrix.ReadAll();
        float[] values = new float[matrix.Rows * matrix.Columns];
        for (int r = 0; r < matrix.Rows; r++)
        {
            for (int c = 0; c < matrix.Columns; c++)
            {
                values[(r * matrix.Columns) + c] = QuantBlocks.Value(matrix.Format, data, scale, matrix.Columns, r, c);
            }
        }

        return values;
    }
}
