using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/attention_prefill_join.comp, the stage that joins the parts of a row's attention where a cache lies in several pieces.</summary>
internal sealed class AttentionPrefillJoinGpu(KernelSettings settings) : GpuKernel<AttentionPrefillJoinGpu.Args, AttentionPrefillJoinGpu.Push>(settings)
{
    internal readonly record struct Args(BufferRange Partial, BufferRange Out, int First, int Rows, int W, uint Parts);

    internal readonly record struct Push(uint Rows, uint W, uint Parts, uint Row0);

    public override KernelInterface Interface { get; } = new(
        nameof(AttentionPrefill), ["attention_prefill_join"], [Access.Read, Access.Write], ["LocalSize"], typeof(Push));

    public override void Record(CommandRecorder recorder, in Args args) =>
        DispatchFlat(
            recorder,
            "attention_prefill_join",
            [Settings.LocalSize],
            [args.Partial, args.Out],
            new Push((uint)args.Rows, (uint)args.W, args.Parts, (uint)args.First),
            args.Rows * Groups(args.W));
}
