using System.Runtime.InteropServices;

namespace GemmaVk.Cpu.MachineCode.Attention;

/// <summary>What <see cref="ValueKernel"/> gets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ValueArguments
{
    /// <summary>[pairs of positions], <see cref="ValueKernel.PairStride"/> bytes apart, each [32 columns, 2] INT8; or <see cref="ValueKernel.WordPairStride"/>, and INT16.</summary>
    public byte* Values;

    /// <summary>[pairs of positions, 16 heads, 2] INT16.</summary>
    public short* Weights;

    /// <summary>[16 heads] F32: what older sums are multiplied with.</summary>
    public float* Decay;

    /// <summary>[16 heads] F32: what a step of the new sums is.</summary>
    public float* Units;

    /// <summary>32 columns of 16 heads, F32.</summary>
    public float* Sums;

    /// <summary>Bytes from one head's sums to the next one's.</summary>
    public long Stride;

    /// <summary>Pairs of positions, 1 to 32: a sum of 64 products of 15 bits with 7 stays below 2^28. Beside values of 15 bits a head's weights have a sum below 2^16.</summary>
    public long Pairs;

    /// <summary>Memory that is asked for, a cache line for each pair.</summary>
    public byte* Ahead;

    /// <summary>As <see cref="Ahead"/>, and another line.</summary>
    public byte* NextAhead;
}
