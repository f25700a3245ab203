using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/rope.comp.</summary>
internal sealed class RopeGpu(KernelSettings settings) : GpuKernel<Rope.Args, RopeGpu.Push>(settings)
{
    internal readonly record struct Push(uint T, uint H, uint W);

    public override KernelInterface Interface { get; } = new(
        nameof(Rope), ["rope"], [Access.Read, Access.Read, Access.Write], ["LocalSize"], typeof(Push));

    public override void Record(CommandRecorder recorder, in Rope.Args args)
    {
        long count = (long)args.T * args.H * args.W;
        DispatchFlat(
            recorder,
            "rope",
            [Settings.LocalSize],
            [Range(args.X, count), Range(args.Angles, (long)args.T * args.W), Range(args.Y, count)],
            new Push((uint)args.T, (uint)args.H, (uint)args.W),
            Groups(count / 2));
    }
}
