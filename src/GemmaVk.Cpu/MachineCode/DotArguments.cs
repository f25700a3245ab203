using System.Runtime.InteropServices;

namespace GemmaVk.Cpu.MachineCode;

/// <summary>What a microkernel gets: all of it by one address, so that calling conventions differ in one register only.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DotArguments
{
    /// <summary>The first block of a row's weights.</summary>
    public byte* Weights;

    /// <summary>Its scales, BF16.</summary>
    public ushort* Scales;

    /// <summary>[blocks, rows, <see cref="DotKernel.PackedBytes"/>] activations.</summary>
    public byte* Packed;

    /// <summary>[rows, 16] partial sums that are added to.</summary>
    public float* Sums;

    /// <summary>Memory to ask for, as much as the weights have.</summary>
    public byte* Ahead;

    /// <summary>Blocks, at least 1.</summary>
    public long Blocks;
}
