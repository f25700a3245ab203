namespace GemmaVk.Cpu.Simd;

/// <summary>The integer operations of products with INT8 activations, for one vector width.</summary>
/// <typeparam name="TF">The vector of floats: C of them.</typeparam>
/// <typeparam name="TB">The vector of bytes: 4C of them. As a vector of sums it holds C lanes of 32 bits, or twice as many of 16.</typeparam>
internal unsafe interface IDotLanes<TF, TB> : ILanes<TF>
    where TF : unmanaged
    where TB : unmanaged
{
    /// <summary>
    /// True where <see cref="AddDots"/> takes unsigned bytes up to 255, because it adds in 32 bits; else they must stay
    /// below 16, and sums within 16 bits.
    /// </summary>
    static abstract bool TakesBytes { get; }

    /// <summary>4C bytes.</summary>
    static abstract TB Bytes(byte* from);

    static abstract void Store(TB value, byte* to);

    static abstract TB Same(byte value);

    static abstract TB Xor(TB a, TB b);

    /// <summary>C words of 32 bits: eight that follow each other, and where C is 16 eight more from <paramref name="step"/> bytes on.</summary>
    static abstract TB Words(byte* from, int step);

    /// <summary>Words as the floats of <see cref="GroupOrder(TF)"/> are moved.</summary>
    static abstract TB GroupOrder(TB words);

    /// <summary>Words shifted to the left, or to the right by a negative count, and masked byte by byte.</summary>
    static abstract TB Bits(TB words, int left, byte mask);

    static abstract TB LowNibbles(TB bytes);

    static abstract TB HighNibbles(TB bytes);

    /// <summary>
    /// The 8C bytes of C/4 groups of 32: all first halves, in the order of the groups, and all second halves.
    /// </summary>
    static abstract void Halves(byte* from, out TB first, out TB second);

    /// <summary>
    /// Vector i holds pieces of 16 bytes of groups iC/4 to (i + 1)C/4 - 1. Turns that round: vector i gets bytes 4i to 4i + 3
    /// of all C pieces, each group in its own lane of 32 bits. Which group is in which lane says <see cref="GroupOrder"/>.
    /// </summary>
    static abstract void Transpose(ref TB a, ref TB b, ref TB c, ref TB d);

    /// <summary>C values, one per group, moved to the lanes that <see cref="Transpose"/> gives the groups.</summary>
    static abstract TF GroupOrder(TF values);

    /// <summary>Adds the dot of four unsigned with four signed bytes to each lane of <paramref name="sums"/>.</summary>
    static abstract TB AddDots(TB sums, TB unsigned, TB signed);

    /// <summary>As <see cref="AddDots"/>, to zero.</summary>
    static abstract TB Dots(TB unsigned, TB signed);

    /// <summary>Adds two vectors of sums of <see cref="AddDots"/>.</summary>
    static abstract TB AddSums(TB a, TB b);

    /// <summary>Zero minus sums of <see cref="AddDots"/>.</summary>
    static abstract TB Negate(TB sums);

    /// <summary>Sums of <see cref="AddDots"/> as floats, one per lane of 32 bits.</summary>
    static abstract TF ToFloats(TB sums);

    /// <summary>Signed bytes widened to 16 bits: the even ones and the odd ones of each lane.</summary>
    static abstract void Widen(TB bytes, out TB even, out TB odd);

    /// <summary>Adds the dot of two with two signed 16-bit values to each lane of 32 bits of <paramref name="sums"/>.</summary>
    static abstract TB AddWideDots(TB sums, TB a, TB b);

    /// <summary>As <see cref="AddWideDots"/>, to zero.</summary>
    static abstract TB WideDots(TB a, TB b);

    /// <summary>The sum of two results of <see cref="AddWideDots"/> as floats.</summary>
    static abstract TF WideToFloats(TB first, TB second);
}
