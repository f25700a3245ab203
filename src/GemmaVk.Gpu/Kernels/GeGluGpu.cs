using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/ge_glu.comp.</summary>
internal sealed class GeGluGpu(KernelSettings settings) : GpuKernel<GeGlu.Args, GeGluGpu.Push>(settings)
{
    internal readonly record struct Push(uint Count);

    public override KernelInterface Interface { get; } = new(
        nameof(GeGlu), ["ge_glu"], [Access.Read, Access.Read, Access.Write], ["LocalSize"], typeof(Push));

    public override void Record(CommandRecorder recorder, in GeGlu.Args args)
    {
        long count = (long)args.T * args.F;
        uint size = FlatSize("ge_glu");
        DispatchFlat(recorder, "ge_glu", [size], [Range(args.Gate, count), Range(args.Up, count), Range(args.Y, count)], new Push((uint)count), Groups(count, size));
    }
}
