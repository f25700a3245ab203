namespace GemmaVk.Cpu.Kernels.Coded;

/// <summary>Weights that have a microkernel.</summary>
internal interface IDotWeights
{
    /// <summary>Q4, else Q8.</summary>
    static abstract bool AreNibbles { get; }

    /// <summary>Bytes of the weights of a group.</summary>
    static abstract int GroupBytes { get; }

    /// <summary>What the weights are too large by, as a power of two.</summary>
    static abstract int OffsetBits { get; }
}
