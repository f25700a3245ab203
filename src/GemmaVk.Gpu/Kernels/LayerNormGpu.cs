using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/layer_norm.comp.</summary>
internal sealed class LayerNormGpu(KernelSettings settings) : GpuKernel<LayerNorm.Args, LayerNormGpu.Push>(settings)
{
    internal readonly record struct Push(uint R, uint D, float Eps);

    public override KernelInterface Interface { get; } = new(
        nameof(LayerNorm),
        ["layer_norm"],
        [Access.Read, Access.Read, Access.Read, Access.Read, Access.Write],
        ["LocalSize", "HasInputBias"],
        typeof(Push));

    public override void Record(CommandRecorder recorder, in LayerNorm.Args args)
    {
        long count = (long)args.R * args.D;
        BufferRange x = Range(args.X, count);
        DispatchFlat(
            recorder,
            "layer_norm",
            [Settings.RowSize(args.D), args.InputBias is null ? 0u : 1u],
            [x, args.InputBias is null ? x : Range(args.InputBias, args.D), Range(args.Weight, args.D), Range(args.Bias, args.D), Range(args.Y, count)],
            new Push((uint)args.R, (uint)args.D, args.Eps),
            args.R);
    }
}
