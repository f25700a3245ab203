using GemmaVk.Cpu.Kernels.Products;
using GemmaVk.Cpu.MachineCode;

namespace GemmaVk.Cpu.Kernels.Coded;

// Letters: C groups of a block, r row of the block.

/// <summary>
/// How activations are packed for a microkernel of two weight rows, and what its partial sums mean. A result is summed lane by lane,
/// block after block, as <see cref="IGroupTile"/> says and in the same order.
/// </summary>
internal unsafe interface ICodeTile
{
    /// <summary>C.</summary>
    static abstract int Groups { get; }

    /// <summary>Bytes of the weights of a group.</summary>
    static abstract int GroupBytes { get; }

    /// <summary>Units of 16 bits that the scales of so many groups take.</summary>
    static virtual long Scales(long groups) => groups;

    /// <summary>Bytes of one packed activation row of one block: a multiple of 4C.</summary>
    static abstract int PackedBytes { get; }

    /// <summary>What packed rows are a multiple of; rows that fill them up are zeros.</summary>
    static abstract int RowStep { get; }

    /// <summary>The function among those of a path.</summary>
    static abstract Microkernel Kernel(ProductCode code);

    /// <summary>Packs row r of one block.</summary>
    /// <param name="q">32C steps.</param>
    /// <param name="unit">C units; zero for a group that does not count.</param>
    /// <param name="r">Which.</param>
    /// <param name="packed">The block's rows.</param>
    static abstract void Pack(sbyte* q, float* unit, int r, byte* packed);

    /// <summary>The results of row r.</summary>
    /// <param name="sums">Partial sums of the first pair of weight rows.</param>
    /// <param name="pairSums">Floats from one pair to the next.</param>
    /// <param name="r">Which.</param>
    /// <param name="count">Weight rows.</param>
    /// <param name="y">Receives that many results.</param>
    static abstract void Totals(float* sums, int pairSums, int r, int count, float* y);
}
