using System;

namespace GemmaVk.Cpu.Kernels.Products;

// Letters: C floats per vector, K columns.

/// <summary>
/// The innermost part of a product with INT8 activations, for one kind of weights: a block of C groups of 32 columns,
/// each group in its own lane of 32 bits, so that a block's integer dots are scaled by one multiply-add. A result is summed
/// lane by lane, block after block: in one order, whatever the number of rows.
/// </summary>
internal unsafe interface IGroupTile
{
    /// <summary>C, the groups of a block and the floats of a partial sum.</summary>
    static abstract int Groups { get; }

    /// <summary>Bytes of the weights of a group.</summary>
    static abstract int GroupBytes { get; }

    /// <summary>Units of 16 bits that the scales of so many groups of a row take.</summary>
    static virtual int Scales(int groups) => groups;

    /// <summary>Bytes of one packed activation row of one block: a multiple of 4C.</summary>
    static abstract int PackedBytes { get; }

    /// <summary>Packs one row of one block.</summary>
    /// <param name="q">32C steps.</param>
    /// <param name="unit">C units; zero for a group that does not count.</param>
    /// <param name="packed">Receives <see cref="PackedBytes"/> bytes.</param>
    static abstract void Pack(sbyte* q, float* unit, byte* packed);

    /// <summary>Adds the products of one block of one weight row with <paramref name="rows"/> packed rows.</summary>
    /// <param name="weights">The block's weights.</param>
    /// <param name="scales">Their scales.</param>
    /// <param name="packed">The block's packed rows, one after the other.</param>
    /// <param name="rows">Number of packed rows.</param>
    /// <param name="sums">[rows, C] partial sums.</param>
    static abstract void Add(byte* weights, ushort* scales, byte* packed, int rows, float* sums);

    /// <summary>Whether <see cref="AddSpan"/> takes several blocks of a weight row at once.</summary>
    static virtual bool TakesSpans => false;

    /// <summary>As <see cref="Add"/>, for consecutive blocks; asks for as much memory at <paramref name="ahead"/> beside it.</summary>
    static virtual void AddSpan(byte* weights, ushort* scales, byte* packed, int rows, int blocks, byte* ahead, float* sums) => throw new NotSupportedException();

    /// <summary>The result that C partial sums stand for.</summary>
    static abstract float Total(float* sums);
}
