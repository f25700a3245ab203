using System;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Matrices;

/// <summary>Tiles of products of bytes, as shaders/include/mat_matrix_i8.glsl makes them. All of it is decided here, from what the device lists.</summary>
internal static class MatrixProductTiles
{
    /// <summary>Subgroups of a workgroup where nothing was measured.</summary>
    public const uint UsualSubgroups = 4;

    // Rows of a tile per step of its class (1, 2, 4), as for tiles without matrix units; the largest class has twice as many for eight subgroups.
    private const uint Side = 16;
    private const uint MostCols = 4;

    // Bytes of a row in shared memory (mat_matrix_i8.glsl: Stride, Deep).
    private const uint RowBytes = 80;
    private const uint Deep = 2;

    /// <summary>The tile, or null where the shape cannot be cut so or shared memory does not hold it.</summary>
    /// <param name="shape">A shape of the device, INT8.</param>
    /// <param name="format">Of the weights.</param>
    /// <param name="size">Class of T: 1, 2 or 4 times sixteen rows.</param>
    /// <param name="rows">Blocks of weight rows of a subgroup.</param>
    /// <param name="subgroups">Subgroups of a workgroup, a power of two.</param>
    /// <param name="sharedBytes">What the device has.</param>
    public static MatrixTile? Of(MatrixShape shape, DType format, uint size, uint rows, uint subgroups, int sharedBytes)
    {
        // A scale of Q6K is of sixteen columns.
        if (subgroups == 0 || (format == DType.Q6K && shape.K > Side))
            return null;
        uint tileRows = Side * size * (size == 4 && subgroups >= 2 * UsualSubgroups ? 2u : 1u);
        uint blocks = Math.Max(1, tileRows / shape.T);
        uint along = Math.Min(subgroups, Math.Max(1, blocks / MostCols));
        uint cols = blocks / along;
        if (cols > MostCols)
            return null;
        MatrixTile tile = new(shape, rows, cols, subgroups / along, along, Deep, 0);
        uint staged = subgroups * shape.T * shape.N * sizeof(float);
        uint bytes = ((tile.N + tile.T) * RowBytes) + (Deep * sizeof(float) * ((tile.N * (KBlocks.Has(format) ? 2u : 1u)) + (2 * tile.T))) + staged;
        return bytes <= sharedBytes ? tile with { SharedBytes = bytes } : null;
    }
}
