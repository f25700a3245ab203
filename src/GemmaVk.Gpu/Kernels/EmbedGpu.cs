using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/embed.comp.</summary>
internal sealed class EmbedGpu(KernelSettings settings) : GpuKernel<Embed.Args, EmbedGpu.Push>(settings)
{
    internal readonly record struct Push(uint T, uint D, uint First, uint Count, float EmbedScale, uint Row0);

    public override KernelInterface Interface { get; } = new(
        nameof(Embed), Formats.PerWeight("embed"), [Access.Read, Access.Read, Access.Read, Access.Write], ["LocalSize"], typeof(Push));

    public override void Record(CommandRecorder recorder, in Embed.Args args)
    {
        uint D = (uint)args.Table.K;
        foreach (WeightChunk chunk in WeightChunk.Of(args.Table))
        {
            DispatchFlat(
                recorder,
                $"embed_{Formats.Suffix(args.Table.Format)}",
                [Settings.LocalSize],
                [Range(args.Ids, args.First + args.T), chunk.Data, chunk.Scale, Range(args.X, (long)args.T * D)],
                new Push((uint)args.T, D, chunk.First, chunk.Count, args.Scale, (uint)args.First),
                args.T);
        }
    }
}
