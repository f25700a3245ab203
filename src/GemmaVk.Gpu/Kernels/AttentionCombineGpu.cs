using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/attention_decode_combine.comp, the stage that joins the parts of a row's attention.</summary>
internal sealed class AttentionCombineGpu(KernelSettings settings) : GpuKernel<AttentionCombineGpu.Args, AttentionCombineGpu.Push>(settings)
{
    internal readonly record struct Args(BufferRange Partial, BufferRange Out, int First, int Rows, int W, uint Parts);

    internal readonly record struct Push(uint Rows, uint W, uint Parts, uint Row0);

    public override KernelInterface Interface { get; } = new(
        nameof(AttentionDecode), ["attention_decode_combine"], [Access.Read, Access.Write], ["LocalSize"], typeof(Push));

    public override void Record(CommandRecorder recorder, in Args args) =>
        DispatchFlat(
            recorder,
            "attention_decode_combine",
            [Settings.LocalSize],
            [args.Partial, args.Out],
            new Push((uint)args.Rows, (uint)args.W, args.Parts, (uint)args.First),
            args.Rows * Groups(args.W));
}
