using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/sample_allow.comp, a stage of Sample that runs where a row has a mask.</summary>
internal sealed class SampleAllowGpu(KernelSettings settings) : GpuKernel<Sample.Args, SampleAllowGpu.Push>(settings)
{
    internal readonly record struct Push(uint T, uint V, uint Row0);

    public override KernelInterface Interface { get; } = new(
        nameof(Sample), ["sample_allow"], [Access.Write, Access.Read], ["LocalSize"], typeof(Push));

    public override void Record(CommandRecorder recorder, in Sample.Args args)
    {
        long rows = args.First + args.T;
        DispatchFlat(
            recorder,
            "sample_allow",
            [Settings.LocalSize],
            [Range(args.Logits, rows * args.V), Range(args.Allowed!, rows * Sample.Words(args.V))],
            new Push((uint)args.T, (uint)args.V, (uint)args.First),
            Groups((long)args.T * args.V));
    }
}
