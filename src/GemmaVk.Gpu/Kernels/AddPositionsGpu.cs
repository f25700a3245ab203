using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/add_positions.comp.</summary>
internal sealed class AddPositionsGpu(KernelSettings settings) : GpuKernel<AddPositions.Args, AddPositionsGpu.Push>(settings)
{
    internal readonly record struct Push(uint Count, uint Columns, uint D);

    public override KernelInterface Interface { get; } = new(
        nameof(AddPositions), ["add_positions"], [Access.ReadWrite, Access.Read], ["LocalSize"], typeof(Push));

    public override void Record(CommandRecorder recorder, in AddPositions.Args args)
    {
        long count = (long)args.Rows * args.Columns * args.D;
        DispatchFlat(
            recorder,
            "add_positions",
            [Settings.LocalSize],
            [Range(args.X, count), Range(args.Table, 2L * Math.Max(args.Rows, args.Columns) * args.D)],
            new Push((uint)(count / 2), (uint)args.Columns, (uint)args.D),
            Groups(count / 2));
    }
}
