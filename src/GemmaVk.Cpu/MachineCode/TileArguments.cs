using System.Runtime.InteropServices;

namespace GemmaVk.Cpu.MachineCode;

/// <summary>What <see cref="TileKernel"/> gets. Groups come lane by lane, and of each lane block by block.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TileArguments
{
    /// <summary>[16 lanes, blocks, 16 rows, 32 columns] INT8.</summary>
    public sbyte* Activations;

    /// <summary>[16 lanes, blocks, 16 rows] F32.</summary>
    public float* Units;

    /// <summary>[16 lanes, blocks, 8, 16 weight rows, 4 columns] INT8.</summary>
    public sbyte* Weights;

    /// <summary>[16 lanes, blocks, 16 weight rows] F32.</summary>
    public float* Scales;

    /// <summary>[16 lanes, 16 rows, 16 weight rows] F32: receives the sums.</summary>
    public float* Sums;

    /// <summary>1024 bytes for one group's dots.</summary>
    public int* Dots;

    /// <summary>Blocks, at least 1.</summary>
    public long Blocks;
}
