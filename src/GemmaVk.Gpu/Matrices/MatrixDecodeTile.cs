using System;
using GemmaVk.Gpu.Tuning;

namespace GemmaVk.Gpu.Matrices;

// Letters: T rows in this pass, G query heads that share keys, W head width.

/// <summary>How shaders/include/attention_rows_matrix.glsl cuts attention of few rows: query heads that share keys, of one row or of several.</summary>
/// <param name="Shape">The device's, F16 x F16 -> F32.</param>
/// <param name="W">Head width.</param>
/// <param name="Heads">Neighbouring heads of a tile.</param>
/// <param name="QueryBlocks">Blocks of queries.</param>
/// <param name="Keys">Keys of a block: the same for every T, since a row's bits follow from where blocks begin.</param>
/// <param name="Subgroups">Subgroups of a workgroup: the same for every T, likewise, since each makes a part of every score.</param>
internal sealed record MatrixDecodeTile(MatrixShape Shape, uint W, uint Heads, uint QueryBlocks, uint Keys, uint Subgroups)
{
    /// <summary>Most subgroups that share a tile.</summary>
    public const uint MostSubgroups = 8;

    private const uint MostBlocks = 2;
    private const uint MostWidth = 512;
    private const uint WidthStep = 32;

    // Keys that a split takes at a time; more of them where a part of a tile has more values than this: parts as large as their keys cost more to
    // join than they save.
    private const uint LargePart = 4096;
    private const uint LargeTurn = 64;
    private const uint SmallTurn = 32;

    // Halves of a vector in shared memory, its bytes, and its floats.
    private const uint Vector = 8;
    private const uint VectorBytes = 16;
    private const uint Floats = 4;

    /// <summary>Queries of a workgroup.</summary>
    public uint Queries => Shape.T * QueryBlocks;

    /// <summary>Rows of a workgroup.</summary>
    public uint Rows => Queries / Heads;

    /// <summary>Keys that a split takes one after the other, where that was measured.</summary>
    public uint? MeasuredTurn { get; init; }

    /// <summary>Keys that a split takes one after the other; the same for every T.</summary>
    public uint TurnKeys => MeasuredTurn ?? (HasLargeParts ? LargeTurn : SmallTurn);

    /// <summary>Blocks of them.</summary>
    public uint Turn => TurnKeys / Keys;

    /// <summary>A part of the tile takes long to join.</summary>
    public bool HasLargeParts => Heads * W > LargePart;

    /// <summary>Bytes of shared memory, array by array as the shader and include/attention_join.glsl declare them.</summary>
    public uint SharedBytes
    {
        get
        {
            uint tile = Math.Max(Math.Max(Keys, Queries) * ((W / Vector) + 1), Subgroups * Queries * Keys / Floats);
            uint weights = 2 * Queries * ((Keys / 2) + 4);
            uint join = (3 * Queries * Kernels.AttentionSplits.Run) + 1;
            return (VectorBytes * tile) + (sizeof(float) * (weights + (3 * Queries) + join));
        }
    }

    /// <summary>Values of the specialization constants, by id.</summary>
    /// <param name="subgroupSize">The device's.</param>
    public uint[] Constants(uint subgroupSize) => [Subgroups * subgroupSize, QueryBlocks, Keys, W, Shape.T, Shape.N, Shape.K, Subgroups, Heads, Turn];

    /// <summary>The tile for so many rows, or null where the shape, the width or shared memory do not allow one. Where one row has one, more rows have too.</summary>
    /// <param name="shape">A shape of the device.</param>
    /// <param name="T">Rows.</param>
    /// <param name="G">Query heads per KV head.</param>
    /// <param name="W">Head width.</param>
    /// <param name="subgroups">Subgroups of a workgroup.</param>
    /// <param name="sharedBytes">What the device has.</param>
    /// <param name="measured">The form to take, or null for the usual one: null comes back where it is not one of this kernel here.</param>
    public static MatrixDecodeTile? Of(MatrixShape shape, int T, int G, int W, uint subgroups, int sharedBytes, AttentionForm? measured = null)
    {
        if (subgroups == 0 || W % WidthStep != 0 || W is <= 0 or > (int)MostWidth)
            return null;
        uint heads = shape.T;
        while (G % heads != 0)
            heads--;
        if (measured is { } form)
        {
            if (!form.Matrix || form.Queries != 0 || form.Keys is not (16 or 32) || form.Subgroups is 0 || form.Subgroups > subgroups || form.Turn < form.Keys || form.Groups == 0)
                return null;
            subgroups = form.Subgroups;
        }

        foreach (uint keys in measured is { } asked ? [asked.Keys] : (uint[])[32, 16])
        {
            MatrixDecodeTile one = new(shape, (uint)W, heads, 1, keys, subgroups) { MeasuredTurn = measured?.Turn };
            MatrixDecodeTile most = one with { QueryBlocks = MostBlocks };
            if (keys % shape.N == 0 && keys % shape.K == 0 && one.SharedBytes <= sharedBytes)
                return T > one.Rows && most.SharedBytes <= sharedBytes ? most : one;
        }

        return null;
    }
}
