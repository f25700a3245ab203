namespace GemmaVk.Cpu.Kernels.Products;

/// <summary>How many activation rows a tile holds in registers, as a constant of the compiled code.</summary>
internal interface IRowCount
{
    static abstract int Count { get; }
}

/// <summary>One row: decoding.</summary>
internal readonly struct OneRow : IRowCount
{
    public static int Count => 1;
}

/// <summary>Two rows.</summary>
internal readonly struct TwoRows : IRowCount
{
    public static int Count => 2;
}

/// <summary>Four rows.</summary>
internal readonly struct FourRows : IRowCount
{
    public static int Count => 4;
}
