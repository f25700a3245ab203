namespace GemmaVk.Cpu.Kernels.Products;

// Letters: T rows, N outputs, K columns, g group of 32 columns.

/// <summary>
/// The innermost part of a product with float activations for one kind of weights: two weight rows against a few activation rows
/// that were packed for it. A result is summed in one fixed order, whatever the number of rows: that is what makes it
/// independent of T.
/// </summary>
internal unsafe interface ITile
{
    /// <summary>Most rows that fit the registers.</summary>
    static abstract int MaxRows { get; }

    /// <summary>Bytes that <paramref name="rows"/> packed rows take: a multiple of 64.</summary>
    static abstract long PackedBytes(int rows, int K);

    /// <summary>
    /// Packs rows t .. t + used - 1 of x as a block of <paramref name="rows"/> (1, 2 or 4); the rest are zeros.
    /// </summary>
    static abstract void Pack(in ProductSource x, int t, int used, int rows, byte* packed);

    /// <summary>sums[r] and sums[8 + r] = first and second weight row times packed row r.</summary>
    static abstract void Multiply<TRows>(in WeightRows first, in WeightRows second, byte* packed, int K, float* sums)
        where TRows : struct, IRowCount;
}

/// <summary>One row of a weight matrix.</summary>
/// <param name="Data">Its bytes.</param>
/// <param name="Scales">Its scales, or null.</param>
internal readonly unsafe record struct WeightRows(nint Data, nint Scales)
{
    // Not public: a record would print them, and a pointer prints nothing that can be compiled ahead of time.
    internal byte* Bytes => (byte*)Data;

    internal ushort* Groups => (ushort*)Scales;
}

/// <summary>Activation rows as the kernel got them.</summary>
internal unsafe struct ProductSource
{
    /// <summary>[T, K] float rows, or null.</summary>
    public float* X;

    /// <summary>[T, K] INT8 rows in the order that the weights' format asks for, or null.</summary>
    public sbyte* Q;

    /// <summary>[T, K/32] value of one step, for INT8 rows.</summary>
    public float* Unit;

    /// <summary>Columns.</summary>
    public int K;
}
