using System.Runtime.InteropServices;

namespace GemmaVk.Cpu.MachineCode;

// Letters: C groups of a block.

/// <summary>What a microkernel of two weight rows gets: all of it by one address, so that calling conventions differ in one register only.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DotArguments
{
    /// <summary>The first block of a row's weights.</summary>
    public byte* Weights;

    /// <summary>Its scales, BF16 or F16.</summary>
    public ushort* Scales;

    /// <summary>The same of the second row.</summary>
    public byte* NextWeights;

    /// <inheritdoc cref="NextWeights"/>
    public ushort* NextScales;

    /// <summary>[blocks, rows] packed activations, as the kernel says.</summary>
    public byte* Packed;

    /// <summary>[rows, 2, C] partial sums that are added to.</summary>
    public float* Sums;

    /// <summary>Weights that memory is asked for: from here on as many as both rows have, without a gap. Nothing is read of them.</summary>
    public byte* Ahead;

    /// <summary>Blocks, at least 1.</summary>
    public long Blocks;

    /// <summary>Packed rows, at least 1.</summary>
    public long Rows;

    /// <summary>The same for scales.</summary>
    public ushort* ScalesAhead;
}
