namespace GemmaVk.Cpu.Kernels.Coded;

/// <summary>Which of the two 16-bit formats scales have, as a constant of the compiled code.</summary>
internal interface IScaleKind
{
    /// <summary>F16, else BF16.</summary>
    static abstract bool AreHalfs { get; }
}

/// <summary>BF16.</summary>
internal readonly struct Brains : IScaleKind
{
    public static bool AreHalfs => false;
}

/// <summary>F16.</summary>
internal readonly struct Halfs : IScaleKind
{
    public static bool AreHalfs => true;
}
