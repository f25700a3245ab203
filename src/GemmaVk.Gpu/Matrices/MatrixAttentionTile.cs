using System;

namespace GemmaVk.Gpu.Matrices;

// Letters: W head width.

/// <summary>How shaders/attention_prefill_matrix.comp cuts attention: as many rows and keys at once as shared memory holds.</summary>
/// <param name="Shape">The device's, F16 x F16 -> F32.</param>
/// <param name="W">Head width.</param>
/// <param name="QueryBlocks">Blocks of rows.</param>
/// <param name="Keys">Keys of a block.</param>
/// <param name="Subgroups">Subgroups of a workgroup.</param>
internal sealed record MatrixAttentionTile(MatrixShape Shape, uint W, uint QueryBlocks, uint Keys, uint Subgroups)
{
    /// <summary>Columns of a head come in steps of so many.</summary>
    public const uint WidthStep = 32;

    private const uint MostWidth = 512;

    // Halves of a vector in shared memory, and its bytes.
    private const uint Vector = 8;
    private const uint VectorBytes = 16;
    private const uint MostSlice = 32;

    /// <summary>Query rows of a workgroup.</summary>
    public uint Queries => Shape.T * QueryBlocks;

    /// <summary>Bytes of shared memory, array by array as include/attention_matrix.glsl declares them.</summary>
    public uint SharedBytes
    {
        get
        {
            uint columns = W / Vector;
            uint keys = Keys * ((W % 64 == 0 ? 8u : 4u) + 1);
            uint values = Shape.K * (Math.Min(columns, MostSlice) + 1);
            uint scores = Math.Max(Queries * (Keys > 32 ? Keys + 4 : Keys), Subgroups * Shape.T * Shape.N);
            uint weights = Queries * ((Keys / 2) + 4);
            return (VectorBytes * ((Queries * (columns + 1)) + Math.Max(keys, values))) + (sizeof(float) * (scores + weights + (3 * Queries)));
        }
    }

    /// <summary>Values of the specialization constants, by id.</summary>
    /// <param name="subgroupSize">The device's.</param>
    public uint[] Constants(uint subgroupSize) => [Subgroups * subgroupSize, QueryBlocks, Keys, W, Shape.T, Shape.N, Shape.K, Subgroups];

    /// <summary>The largest tile that shared memory holds, or null where the shape or the width does not allow one.</summary>
    /// <param name="shape">A shape of the device.</param>
    /// <param name="W">Head width.</param>
    /// <param name="subgroups">Subgroups of a workgroup.</param>
    /// <param name="sharedBytes">What the device has.</param>
    public static MatrixAttentionTile? Of(MatrixShape shape, int W, uint subgroups, int sharedBytes)
    {
        if (subgroups == 0 || W % WidthStep != 0 || W is <= 0 or > (int)MostWidth)
            return null;
        foreach ((uint rows, uint keys) in ((uint, uint)[])[(32, 64), (32, 32), (16, 64), (16, 32)])
        {
            // Two blocks of rows at most: their sums stay in registers.
            MatrixAttentionTile tile = new(shape, (uint)W, Math.Clamp(rows / shape.T, 1, 2), keys, subgroups);
            if (tile.SharedBytes <= sharedBytes)
                return tile;
        }

        return null;
    }
}
