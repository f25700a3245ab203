using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/quantize_rows.comp.</summary>
internal sealed class QuantizeRowsGpu(KernelSettings settings) : GpuKernel<QuantizeRows.Args, QuantizeRowsGpu.Push>(settings)
{
    internal readonly record struct Push(uint Groups);

    public override KernelInterface Interface { get; } = new(
        nameof(QuantizeRows), ["quantize_rows"], [Access.Read, Access.Write, Access.Write, Access.Write], ["LocalSize", "EvenOdd"], typeof(Push));

    public override void Record(CommandRecorder recorder, in QuantizeRows.Args args)
    {
        if (args.Q.Scale is null || args.Q.Sum is null)
            throw new ArgumentException("QuantizeRows: the rows need buffers for scale and sum");
        long count = (long)args.T * args.K;
        long groups = count / QuantBlocks.GroupSize;
        DispatchFlat(
            recorder,
            "quantize_rows",
            [Settings.LocalSize, QuantBlocks.HasNibbles(args.ForFormat) ? 1u : 0u],
            [Range(args.X, count), Range(args.Q.Data, count), Range(args.Q.Scale, groups), Range(args.Q.Sum, groups)],
            new Push((uint)groups),
            Groups(groups));
    }
}
