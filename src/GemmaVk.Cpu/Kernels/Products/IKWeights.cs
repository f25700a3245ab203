using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Products;

/// <summary>A format of <see cref="KBlocks"/>, as a type argument: code for each is made apart.</summary>
internal interface IKWeights
{
    static abstract DType Format { get; }
}

/// <summary><see cref="DType.Q4K"/>.</summary>
internal readonly struct Q4KWeights : IKWeights
{
    public static DType Format => DType.Q4K;
}

/// <summary><see cref="DType.Q5K"/>.</summary>
internal readonly struct Q5KWeights : IKWeights
{
    public static DType Format => DType.Q5K;
}

/// <summary><see cref="DType.Q6K"/>.</summary>
internal readonly struct Q6KWeights : IKWeights
{
    public static DType Format => DType.Q6K;
}
