using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/add_rms_norm_quantize.comp.</summary>
internal sealed class AddRmsNormQuantizeGpu(KernelSettings settings) : GpuKernel<AddRmsNormQuantize.Args, AddRmsNormGpu.Push>(settings)
{
    public override KernelInterface Interface { get; } = new(
        nameof(AddRmsNormQuantize),
        ["add_rms_norm_quantize"],
        [Access.ReadWrite, Access.Read, Access.Read, Access.Read, Access.ReadWrite, Access.Write, Access.Write, Access.Write],
        ["LocalSize", "Held", "EvenOdd"],
        typeof(AddRmsNormGpu.Push));

    public override void Record(CommandRecorder recorder, in AddRmsNormQuantize.Args args)
    {
        AddRmsNorm.Args norm = args.Norm;
        if (norm.D % QuantBlocks.GroupSize != 0)
            throw new ArgumentException($"AddRmsNormQuantize: rows of {norm.D} are not whole groups of {QuantBlocks.GroupSize}");
        long count = (long)norm.T * norm.D;
        (BufferRange data, BufferRange scale, BufferRange sum) = Int8Rows(args.Rows, count);
        DispatchFlat(
            recorder,
            "add_rms_norm_quantize",
            [Settings.RowSize(norm.D), Settings.RowHeld(norm.D), EvenOdd(args.ForFormat)],
            [
                Range(norm.X, count), Range(norm.Y, count), Range(norm.PostWeight, norm.D), Range(norm.NextWeight, norm.D), Range(norm.A, count),
                data, scale, sum,
            ],
            new AddRmsNormGpu.Push((uint)norm.T, (uint)norm.D, norm.Eps, norm.Scale),
            norm.T);
    }
}
