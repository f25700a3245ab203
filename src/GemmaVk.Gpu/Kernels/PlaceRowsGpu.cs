using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/place_rows.comp.</summary>
internal sealed class PlaceRowsGpu(KernelSettings settings) : GpuKernel<PlaceRows.Args, PlaceRowsGpu.Push>(settings)
{
    internal readonly record struct Push(uint Count, uint First);

    public override KernelInterface Interface { get; } = new(
        nameof(PlaceRows), ["place_rows"], [Access.Read, Access.Write], ["LocalSize"], typeof(Push));

    public override void Record(CommandRecorder recorder, in PlaceRows.Args args)
    {
        long count = (long)args.T * args.D;
        long first = (long)args.First * args.D;
        DispatchFlat(
            recorder, "place_rows", [Settings.LocalSize], [Range(args.Rows, count), Range(args.X, first + count)], new Push((uint)count, (uint)first), Groups(count));
    }
}
