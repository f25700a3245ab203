namespace GemmaVk.Cpu.Simd;

/// <summary>The integer operations of products with INT8 activations, for one vector width.</summary>
/// <typeparam name="TF">The vector of floats: C of them.</typeparam>
/// <typeparam name="TB">The vector of bytes: 4C of them, the nibbles of C/4 groups of 32.</typeparam>
internal unsafe interface IDotLanes<TF, TB> : ILanes<TF>
    where TF : unmanaged
    where TB : unmanaged
{
    /// <summary>4C bytes.</summary>
    static abstract TB Bytes(byte* from);

    static abstract TB LowNibbles(TB bytes);

    static abstract TB HighNibbles(TB bytes);

    /// <summary>
    /// Integer dots of nibbles with INT8 activations, in float form: each group of 32 is spread over 4 lanes whose sum is
    /// its dot. Exact: 15 * 127 * 4 fits 16 bits, a group fits 24.
    /// </summary>
    static abstract TF DotNibbles(TB low, TB high, TB even, TB odd);

    /// <summary>C/4 bfloat16 scales, each in the 4 lanes of its group.</summary>
    static abstract TF GroupScales(ushort* from);

    /// <summary>C/4 floats, each in the 4 lanes of its group.</summary>
    static abstract TF GroupUnits(float* from);

    /// <summary>Integer dot of 32 signed bytes with 32 16-bit activations in float form: the sum of the lanes is the dot.</summary>
    static abstract TF DotBytes(sbyte* weights, short* activations);
}
