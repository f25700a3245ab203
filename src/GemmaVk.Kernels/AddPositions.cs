using System;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: n = Rows * Columns patches, D width of a row, M positions per axis.

/// <summary>
/// Adds to each patch the learned rows of its column and of its row in the picture's grid.
/// <code>
/// x[p, d] = x[p, d] + (table[p mod Columns, 0, d] + table[p / Columns, 1, d])
/// x [n, D] F32, row by row of the grid    table [M, 2, D] BF16: axis 0 is the column (x), axis 1 the row (y)
/// </code>
/// D is even; Rows and Columns are at most M. Precision: two sums in F32. In place: always.
/// Called by: MediaForward, once per picture or frame.
/// </summary>
[Kernel("learned positions of a picture's patches", "transformers gemma4_unified: Gemma4UnifiedVisionEmbedder, pos_embedding[x, 0] + pos_embedding[y, 1]")]
public static class AddPositions
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(BufferHandle X, BufferHandle Table, int Rows, int Columns, int D);

    /// <summary>Cost of a picture: rows read and written, two table rows each.</summary>
    public static KernelCost Cost(int Rows, int Columns, int D) =>
        new((double)Rows * Columns * D * ((2 * sizeof(float)) + (2 * sizeof(ushort))), 2.0 * Rows * Columns * D);

    /// <summary>The oracle.</summary>
    public static void Reference(Span<float> x, ReadOnlySpan<ushort> table, int Rows, int Columns, int D)
    {
        for (int p = 0; p < Rows * Columns; p++)
        {
            int column = p % Columns * 2 * D;
            int row = ((p / Columns * 2) + 1) * D;
            for (int d = 0; d < D; d++)
            {
                x[(p * D) + d] += BFloat16.ToSingle(table[column + d]) + BFloat16.ToSingle(table[row + d]);
            }
        }
    }
}
