using GemmaVk.Cpu.MachineCode;

namespace GemmaVk.Cpu.Kernels.Products;

/// <summary>Weights that have a microkernel.</summary>
internal unsafe interface IDotWeights
{
    /// <summary>Bytes of the weights of a group.</summary>
    static abstract int GroupBytes { get; }

    /// <summary>Whether a packed row's first and second halves take turns, as even and odd columns of nibbles do.</summary>
    static abstract bool TakeTurns { get; }

    /// <summary>What the weights are too large by, as a power of two.</summary>
    static abstract int OffsetBits { get; }

    /// <summary>The microkernel of so many rows.</summary>
    static abstract delegate* unmanaged[SuppressGCTransition]<DotArguments*, void> Code(int rows);
}
