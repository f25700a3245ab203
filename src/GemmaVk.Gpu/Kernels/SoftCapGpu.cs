using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/soft_cap.comp.</summary>
internal sealed class SoftCapGpu(KernelSettings settings) : GpuKernel<SoftCap.Args, SoftCapGpu.Push>(settings)
{
    internal readonly record struct Push(uint Count, float Cap);

    public override KernelInterface Interface { get; } = new(
        nameof(SoftCap), ["soft_cap"], [Access.Read, Access.Write], ["LocalSize"], typeof(Push));

    public override void Record(CommandRecorder recorder, in SoftCap.Args args) =>
        DispatchFlat(
            recorder,
            "soft_cap",
            [Settings.LocalSize],
            [Range(args.X, args.Count), Range(args.Y, args.Count)],
            new Push((uint)args.Count, args.Cap),
            Groups((args.Count + 3) / 4));
}
