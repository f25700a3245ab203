using System;
using System.Linq;
using GemmaVk.Gpu.Tuning;

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

    /// <summary>Fewest invocations of a subgroup: so many weigh a row.</summary>
    public const uint LeastLanes = 8;

    private const uint MostWidth = 512;
    private const int Wide = 256;

    // Halves of a vector in shared memory, and its bytes; floats and weights of one.
    private const uint Vector = 8;
    private const uint VectorBytes = 16;
    private const uint Four = 4;
    private const uint MostSlice = 32;

    // Sums of so many blocks of rows stay in registers.
    private const uint MostQueryBlocks = 4;

    /// <summary>
    /// Subgroups of a workgroup for a head width. On an H100 eight took 0.68 to 0.87 of the time of four with 256 columns; with 512 they took up to 1.28 of it, because
    /// two workgroups of four hide more of each other's waiting than one of eight.
    /// </summary>
    public static uint UsualSubgroups(int W) => W > Wide ? MatrixProductTiles.UsualSubgroups : 2 * MatrixProductTiles.UsualSubgroups;

    /// <summary>Query rows of a workgroup.</summary>
    public uint Queries => Shape.T * QueryBlocks;

    /// <summary>The tile as it is measured and kept.</summary>
    public AttentionForm Form => new(Matrix: true, Queries, Keys, Subgroups);

    /// <summary>Bytes of shared memory, array by array as include/attention_matrix.glsl declares them.</summary>
    public uint SharedBytes
    {
        get
        {
            uint columns = W / Vector;
            uint keys = 2 * Keys * ((W % 64 == 0 ? 8u : 4u) + 1);
            uint values = (columns > MostSlice ? 1u : 2u) * Shape.K * (Math.Min(columns, MostSlice) + 1);
            uint planes = Subgroups / Math.Min(Subgroups, Keys / Shape.N) >= 2 ? 2u : 1u;
            uint row = (Keys / Four) + 2;
            uint floats = Math.Max(planes * Queries * row, Subgroups * Shape.T * Shape.N / Four);
            uint vectors = (Queries * (columns + 1)) + Math.Max(Math.Max(keys, values), floats);
            return (VectorBytes * vectors) + (Queries * ((row * Vector) + (2 * sizeof(float))));
        }
    }

    /// <summary>Values of the specialization constants, by id.</summary>
    /// <param name="subgroupSize">The device's.</param>
    public uint[] Constants(uint subgroupSize) => [Subgroups * subgroupSize, QueryBlocks, Keys, W, Shape.T, Shape.N, Shape.K, Subgroups, subgroupSize];

    /// <summary>The largest tile that shared memory holds, or null where the shape or the width does not allow one.</summary>
    /// <param name="shape">A shape of the device.</param>
    /// <param name="W">Head width.</param>
    /// <param name="subgroups">Subgroups of a workgroup, a power of two.</param>
    /// <param name="sharedBytes">What the device has.</param>
    /// <param name="asked">A form to take where it fits, in place of the usual ones.</param>
    public static MatrixAttentionTile? Of(MatrixShape shape, int W, uint subgroups, int sharedBytes, MatrixAttentionForm? asked = null)
    {
        if (subgroups == 0 || !Takes(W))
            return null;
        MatrixAttentionForm[] usual = [new(32, 64, subgroups), new(32, 32, subgroups), new(16, 64, subgroups), new(16, 32, subgroups)];
        return (asked is { } form ? usual.Prepend(form) : usual)
            .Select((each, at) => new MatrixAttentionTile(shape, (uint)W, Math.Clamp(each.Rows / shape.T, 1, at == 0 && asked is not null ? MostQueryBlocks : 2), each.Keys, each.Subgroups))
            .FirstOrDefault(tile => tile.SharedBytes <= sharedBytes);
    }

    /// <summary>The tile of a form that was measured, or null where it is none of this kernel here.</summary>
    /// <param name="shape">A shape of the device.</param>
    /// <param name="W">Head width.</param>
    /// <param name="form">The form.</param>
    /// <param name="most">Most subgroups of a workgroup.</param>
    /// <param name="sharedBytes">What the device has.</param>
    public static MatrixAttentionTile? Of(MatrixShape shape, int W, AttentionForm form, uint most, int sharedBytes)
    {
        uint blocks = form.Queries / shape.T;
        if (!Takes(W) || !form.Matrix || form.Keys is not (32 or 64) || form.Subgroups == 0 || form.Subgroups > most)
            return null;
        if (form.Queries % shape.T != 0 || blocks is not (1 or 2 or MostQueryBlocks) || (form.Turn, form.Groups) != (0, 0))
            return null;
        MatrixAttentionTile tile = new(shape, (uint)W, blocks, form.Keys, form.Subgroups);
        return tile.SharedBytes <= sharedBytes ? tile : null;
    }

    private static bool Takes(int W) => W % WidthStep == 0 && W is > 0 and <= (int)MostWidth;
}
