using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/rms_norm_rope.comp.</summary>
internal sealed class RmsNormRopeGpu(KernelSettings settings) : GpuKernel<RmsNormRope.Args, RmsNormRopeGpu.Push>(settings)
{
    internal readonly record struct Push(uint T, uint H, uint W, float Eps);

    public override KernelInterface Interface { get; } = new(
        nameof(RmsNormRope), ["rms_norm_rope"], [Access.Read, Access.Read, Access.Read, Access.Write], ["LocalSize"], typeof(Push));

    public override void Record(CommandRecorder recorder, in RmsNormRope.Args args)
    {
        long heads = (long)args.T * args.H;
        long count = heads * args.W;
        DispatchFlat(
            recorder,
            "rms_norm_rope",
            [Settings.LocalSize],
            [Range(args.X, count), Range(args.Weight, args.W), Range(args.Angles, (long)args.T * args.W), Range(args.Y, count)],
            new Push((uint)args.T, (uint)args.H, (uint)args.W, args.Eps),
            Groups(heads * Settings.Device.Features.SubgroupSize));
    }
}
