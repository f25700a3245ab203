using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/sample_suppress.comp, the first stage of Sample.</summary>
internal sealed class SampleSuppressGpu(KernelSettings settings) : GpuKernel<Sample.Args, SampleSuppressGpu.Push>(settings)
{
    internal readonly record struct Push(uint T, uint V, uint S, uint Row0);

    public override KernelInterface Interface { get; } = new(
        nameof(Sample), ["sample_suppress"], [Access.Write, Access.Read], ["LocalSize"], typeof(Push));

    public override void Record(CommandRecorder recorder, in Sample.Args args)
    {
        long count = (long)args.T * args.SuppressCount;
        DispatchFlat(
            recorder,
            "sample_suppress",
            [Settings.LocalSize],
            [Range(args.Logits, (long)(args.First + args.T) * args.V), Range(args.Suppress, args.SuppressCount)],
            new Push((uint)args.T, (uint)args.V, (uint)args.SuppressCount, (uint)args.First),
            Groups(count));
    }
}
