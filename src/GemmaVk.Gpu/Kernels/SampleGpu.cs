using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/sample.comp.</summary>
internal sealed class SampleGpu(KernelSettings settings) : GpuKernel<Sample.Args, SampleGpu.Push>(settings)
{
    private readonly SampleSuppressGpu suppress = new(settings);
    private readonly SampleAllowGpu allow = new(settings);

    internal readonly record struct Push(uint V, uint TopK, float Temperature, float TopP, float MinP, uint SeedLow, uint SeedHigh, uint Row0, uint Ahead);

    /// <summary>The stage that takes suppressed ids out.</summary>
    public IGpuKernel Suppress => suppress;

    /// <summary>The stage that takes ids out that a mask does not allow.</summary>
    public IGpuKernel Allow => allow;

    public override KernelInterface Interface { get; } = new(
        nameof(Sample), ["sample"], [Access.Read, Access.Read, Access.Write], [], typeof(Push));

    public override void Record(CommandRecorder recorder, in Sample.Args args)
    {
        if (args.SuppressCount > 0)
            suppress.Record(recorder, args);
        if (args.Allowed is not null)
            allow.Record(recorder, args);
        Sample.Choice choice = args.Choice;
        Dispatch(
            recorder,
            "sample",
            [],
            [Range(args.Logits, (long)(args.First + args.T) * args.V), Range(args.Positions, args.First + args.T), Range(args.Ids, args.First + args.T + args.Ahead)],
            new Push((uint)args.V, (uint)choice.TopK, choice.Temperature, choice.TopP, choice.MinP, (uint)choice.Seed, (uint)(choice.Seed >> 32), (uint)args.First, (uint)args.Ahead),
            args.T);
    }
}
