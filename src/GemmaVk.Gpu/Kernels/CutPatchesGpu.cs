using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/cut_patches.comp.</summary>
internal sealed class CutPatchesGpu(KernelSettings settings) : GpuKernel<CutPatches.Args, CutPatchesGpu.Push>(settings)
{
    internal readonly record struct Push(uint Count, uint Columns, uint S);

    public override KernelInterface Interface { get; } = new(
        nameof(CutPatches), ["cut_patches"], [Access.Read, Access.Read, Access.Write], ["LocalSize"], typeof(Push));

    public override void Record(CommandRecorder recorder, in CutPatches.Args args)
    {
        long count = (long)args.Patches * args.Values;
        DispatchFlat(
            recorder,
            "cut_patches",
            [Settings.LocalSize],
            [Range(args.Pixels, count), Range(args.Levels, 256), Range(args.Y, count)],
            new Push((uint)count, (uint)args.Columns, (uint)args.S),
            Groups(count));
    }
}
