using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

// Letters: T rows in this pass, V vocabulary.

/// <summary>Host side of shaders/sample.comp: rows in parts, whose largest logits the last workgroup of a row chooses among.</summary>
internal sealed class SampleGpu(KernelSettings settings) : GpuKernel<Sample.Args, SampleGpu.Push>(settings)
{
    // Logits that a workgroup reads at a time.
    private const int Round = 1024;

    // Largest logits of blocks that the last workgroup holds: BLOCKS of its 256 invocations.
    private const int MostBlocks = 2048;
    private const int LocalSize = 256;

    private const int SmallestSubgroup = 4;

    // A key and an id, or a key and a sum.
    private const int BlockBytes = 2 * sizeof(uint);

    // A CPU has few workers, and each part ends with a wait for the others.
    private const int SoftwareParts = 8;

    internal readonly record struct Push(
        uint V, uint TopK, float Temperature, float TopP, float MinP, uint SeedLow, uint SeedHigh, uint Row0, uint Ahead, uint S, uint Segment, uint Masked);

    public override KernelInterface Interface { get; } = new(
        nameof(Sample),
        ["sample"],
        [Access.ReadWrite, Access.Read, Access.Write, Access.Read, Access.Read, Access.ReadWrite, Access.ReadWrite],
        ["Draws"],
        typeof(Push));

    /// <summary>Most bytes that T rows take between parts, on a device of any subgroups.</summary>
    public static long ScratchBytes(int T, int V)
    {
        long rounds = (V + Round - 1L) / Round;
        return T * (Math.Min(MostBlocks, rounds * (LocalSize / SmallestSubgroup)) + Math.Min(LocalSize, rounds)) * BlockBytes;
    }

    /// <summary>Logits of a part, and parts of a row.</summary>
    /// <param name="V">Vocabulary.</param>
    /// <param name="subgroups">Subgroups of a workgroup of 256: each finds the largest logit of its own.</param>
    /// <param name="software">For a driver that computes on the CPU.</param>
    public static (int Segment, int Parts) Split(int V, int subgroups, bool software)
    {
        int most = Math.Min(software ? SoftwareParts : LocalSize, MostBlocks / subgroups);
        int segment = Math.Max(1, (((V + most - 1) / most) + Round - 1) / Round) * Round;
        return (segment, Math.Max(1, (V + segment - 1) / segment));
    }

    public override void Record(CommandRecorder recorder, in Sample.Args args)
    {
        int subgroups = Math.Max(1, LocalSize / (Settings.RequiredSubgroupSize ?? Settings.Device.Features.MinSubgroupSize));
        (int segment, int parts) = Split(args.V, subgroups, Settings.Software);
        if ((long)parts * subgroups > MostBlocks || args.T > KernelSettings.CounterBytes / sizeof(uint))
            throw new ArgumentException($"Sample: {args.T} rows of {args.V} logits are more than can be chosen from at once");
        long rows = args.First + args.T;
        Sample.Choice choice = args.Choice;
        Dispatch(
            recorder,
            "sample",
            [choice.Temperature == 0 ? 0u : 1u],
            [
                Range(args.Logits, rows * args.V), Range(args.Positions, rows), Range(args.Ids, rows + args.Ahead), Range(args.Suppress, args.SuppressCount),
                args.Allowed is null ? Range(args.Suppress, 0) : Range(args.Allowed, rows * Sample.Words(args.V)),
                Settings.Scratch(Math.Max(1, args.T) * (long)parts * (subgroups + 1) * BlockBytes), Settings.Counters,
            ],
            new Push(
                (uint)args.V, (uint)choice.TopK, choice.Temperature, choice.TopP, choice.MinP, (uint)choice.Seed, (uint)(choice.Seed >> 32), (uint)args.First,
                (uint)args.Ahead, (uint)args.SuppressCount, (uint)segment, args.Allowed is null ? 0u : 1u),
            parts,
            args.T);
    }
}
