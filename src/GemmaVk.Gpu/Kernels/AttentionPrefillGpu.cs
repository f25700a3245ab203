using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/attention_prefill.comp: tiles of eight consecutive rows of one head.</summary>
internal sealed class AttentionPrefillGpu(KernelSettings settings)
    : AttentionTiles<AttentionPrefill.Args>(settings, nameof(AttentionPrefill), "attention_prefill")
{
    private const uint Queries = 8;

    public override void Record(CommandRecorder recorder, in AttentionPrefill.Args args)
    {
        AttentionDecode.Args same = new(args.Q, args.Cache, args.Positions, args.Reach, args.Out, args.T, args.H, args.K, args.W, args.Window);
        Record(recorder, same, Queries, Settings.Software ? 4u : 2u, splits: 1, args.H, (args.T + Queries - 1) / Queries);
    }
}
