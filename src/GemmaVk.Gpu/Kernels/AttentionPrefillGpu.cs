using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/attention_prefill.comp: tiles of eight consecutive rows of one head.</summary>
internal sealed class AttentionPrefillGpu(KernelSettings settings)
    : AttentionTiles<AttentionPrefill.Args>(settings, nameof(AttentionPrefill), "attention_prefill", Access.Write, [], [])
{
    private const uint Queries = 8;

    private readonly AttentionPrefillJoinGpu join = new(settings);

    /// <summary>The stage that joins parts.</summary>
    public IGpuKernel Join => join;

    public override void Record(CommandRecorder recorder, in AttentionPrefill.Args args)
    {
        AttentionDecode.Args same = new(args.Q, args.Cache, args.Positions, args.Reach, args.Out, args.T, args.H, args.K, args.W, args.Window);
        AttentionTile tile = new(Queries, Settings.Software ? 4u : 2u, Splits: 1, args.H, (args.T + Queries - 1) / Queries);
        if (Record(recorder, same, tile, [], []) is var (parts, result) && parts > 1)
            join.Record(recorder, new AttentionPrefillJoinGpu.Args(result, Range(args.Out, (long)args.T * args.H * args.W), First: 0, args.T * args.H, args.W, parts));
    }
}
