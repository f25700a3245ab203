namespace GemmaVk.Ilgpu.Formats;

/// <summary>What the formats of blocks of 256 columns differ in, as a type argument of their weights.</summary>
internal interface IKBits
{
    /// <summary>Bits of an integer above its nibble.</summary>
    static abstract int UpperBits { get; }

    /// <summary>Bytes of a block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Whether either half of a group has a scale and integers an offset; else the group has a scale and a minimum.</summary>
    static abstract bool Halved { get; }
}

/// <summary>Q4K.</summary>
internal readonly struct FourBits : IKBits
{
    public static int UpperBits => 0;

    public static int BlockBytes => 128;

    public static bool Halved => false;
}

/// <summary>Q5K.</summary>
internal readonly struct FiveBits : IKBits
{
    public static int UpperBits => 1;

    public static int BlockBytes => 160;

    public static bool Halved => false;
}

/// <summary>Q6K.</summary>
internal readonly struct SixBits : IKBits
{
    public static int UpperBits => 2;

    public static int BlockBytes => 192;

    public static bool Halved => true;
}
