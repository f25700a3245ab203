using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

// Letters: T rows in this pass, H query heads, K KV heads, G = H / K.

/// <summary>Host side of shaders/attention_decode.comp: tiles of heads that share keys, blocks of keys shared by splits.</summary>
internal sealed class AttentionDecodeGpu(KernelSettings settings)
    : AttentionTiles<AttentionDecode.Args>(settings, nameof(AttentionDecode), "attention_decode")
{
    // Workgroups that one row should make: enough to fill a large GPU; on a CPU as many as it has workers, roughly.
    private const long GpuGroups = 512;
    private const long SoftwareGroups = 8;
    private const long MaxSplits = 256;

    /// <summary>Most workgroups that share the keys of one tile of heads.</summary>
    public static long MostSplits(int H, int K, bool software) =>
        Math.Clamp((software ? SoftwareGroups : GpuGroups) / (H / Queries(H / K)), 1, MaxSplits);

    public override void Record(CommandRecorder recorder, in AttentionDecode.Args args)
    {
        // Nothing here may depend on T or on positions: a row's result must not depend on the rows beside it, and the
        // recording is replayed as the cache fills.
        uint queries = Queries(args.H / args.K);
        uint keysPerLane = (Settings.Software ? 2u : 1u) * (queries == 8 ? 2u : 1u);
        long block = keysPerLane * Lanes / (queries == 8 ? 2 : 1);
        long seen = args.Window == 0 ? args.Cache.R : Math.Min(args.Cache.R, args.Window);
        // One block more, because a range seldom begins where a block does.
        long blocks = ((seen + block - 1) / block) + 1;
        uint splits = (uint)Math.Min(blocks, MostSplits(args.H, args.K, Settings.Software));
        Record(recorder, args, queries, keysPerLane, splits, args.H / queries, args.T);
    }

    private static uint Queries(int G) => G % 8 == 0 ? 8u : G % 4 == 0 ? 4u : G % 2 == 0 ? 2u : 1u;
}
