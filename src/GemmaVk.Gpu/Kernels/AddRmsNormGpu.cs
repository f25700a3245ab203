using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/add_rms_norm.comp.</summary>
internal sealed class AddRmsNormGpu(KernelSettings settings) : GpuKernel<AddRmsNorm.Args, AddRmsNormGpu.Push>(settings)
{
    internal readonly record struct Push(uint T, uint D, float Eps, float LayerScale);

    public override KernelInterface Interface { get; } = new(
        nameof(AddRmsNorm), ["add_rms_norm"], [Access.ReadWrite, Access.Read, Access.Read, Access.Read, Access.Write], ["LocalSize", "Held"], typeof(Push));

    public override void Record(CommandRecorder recorder, in AddRmsNorm.Args args)
    {
        long count = (long)args.T * args.D;
        DispatchFlat(
            recorder,
            "add_rms_norm",
            [Settings.RowSize(args.D), Settings.RowHeld(args.D)],
            [Range(args.X, count), Range(args.Y, count), Range(args.PostWeight, args.D), Range(args.NextWeight, args.D), Range(args.A, count)],
            new Push((uint)args.T, (uint)args.D, args.Eps, args.Scale),
            args.T);
    }
}
