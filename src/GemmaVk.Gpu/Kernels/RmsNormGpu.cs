using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/rms_norm.comp.</summary>
internal sealed class RmsNormGpu(KernelSettings settings) : GpuKernel<RmsNorm.Args, RmsNormGpu.Push>(settings)
{
    internal readonly record struct Push(uint R, uint D, float Eps);

    public override KernelInterface Interface { get; } = new(
        nameof(RmsNorm), ["rms_norm"], [Access.Read, Access.Read, Access.Write], ["LocalSize", "Held", "HasWeight"], typeof(Push));

    public override void Record(CommandRecorder recorder, in RmsNorm.Args args)
    {
        long count = (long)args.R * args.D;
        BufferRange x = Range(args.X, count);
        DispatchFlat(
            recorder,
            "rms_norm",
            [Settings.RowSize(args.D), Settings.RowHeld(args.D), args.Weight is null ? 0u : 1u],
            [x, args.Weight is null ? x : Range(args.Weight, args.D), Range(args.Y, count)],
            new Push((uint)args.R, (uint)args.D, args.Eps),
            args.R);
    }
}
