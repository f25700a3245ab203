using System;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Matrices;

/// <summary>
/// How shaders/include/mat_matrix_i8.glsl cuts a product: blocks of a shape, some of them per subgroup, subgroups side by side. All of it is decided
/// here, from what the device lists.
/// </summary>
/// <param name="Shape">The device's.</param>
/// <param name="Rows">Blocks of weight rows of a subgroup.</param>
/// <param name="Cols">Blocks of activation rows of a subgroup.</param>
/// <param name="Across">Subgroups along weight rows.</param>
/// <param name="Along">Subgroups along activation rows.</param>
/// <param name="SharedBytes">Shared memory that it takes.</param>
internal sealed record MatrixProductTile(MatrixShape Shape, uint Rows, uint Cols, uint Across, uint Along, uint SharedBytes)
{
    /// <summary>Subgroups of a workgroup where nothing was measured.</summary>
    public const uint UsualSubgroups = 4;

    // Rows of a tile per step of its class (1, 2, 4), as for tiles without matrix units; the largest class has twice as many for eight subgroups.
    private const uint Side = 16;
    private const uint MostCols = 4;

    // Bytes of a row in shared memory (mat_matrix_i8.glsl: Stride, Deep).
    private const uint RowBytes = 80;
    private const uint Deep = 2;

    /// <summary>Activation rows of a workgroup.</summary>
    public uint T => Shape.T * Cols * Along;

    /// <summary>Weight rows of a workgroup.</summary>
    public uint N => Shape.N * Rows * Across;

    /// <summary>Values of the specialization constants, by id.</summary>
    /// <param name="subgroupSize">The device's.</param>
    public uint[] Constants(uint subgroupSize) => [Across * Along * subgroupSize, Rows, Cols, Across, Along, Shape.T, Shape.N, Shape.K, Deep];

    /// <summary>The tile, or null where the shape cannot be cut so or shared memory does not hold it.</summary>
    /// <param name="shape">A shape of the device, INT8.</param>
    /// <param name="format">Of the weights.</param>
    /// <param name="size">Class of T: 1, 2 or 4 times sixteen rows.</param>
    /// <param name="rows">Blocks of weight rows of a subgroup.</param>
    /// <param name="subgroups">Subgroups of a workgroup, a power of two.</param>
    /// <param name="sharedBytes">What the device has.</param>
    public static MatrixProductTile? Of(MatrixShape shape, DType format, uint size, uint rows, uint subgroups, int sharedBytes)
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
        MatrixProductTile tile = new(shape, rows, cols, subgroups / along, along, 0);
        uint staged = subgroups * shape.T * shape.N * sizeof(float);
        uint bytes = ((tile.N + tile.T) * RowBytes) + (Deep * sizeof(float) * ((tile.N * (KBlocks.Has(format) ? 2u : 1u)) + (2 * tile.T))) + staged;
        return bytes <= sharedBytes ? tile with { SharedBytes = bytes } : null;
    }
}
