using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
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
        long count = (long)args.T * args.K;
        long groups = count / QuantBlocks.GroupSize;
        (BufferRange data, BufferRange scale, BufferRange sum) = Int8Rows(args.Q, count);
        uint size = FlatSize("quantize_rows");
        DispatchFlat(
            recorder,
            "quantize_rows",
            [size, EvenOdd(args.ForFormat)],
            [Range(args.X, count), data, scale, sum],
            new Push((uint)groups),
            Groups(groups, size));
    }
}
