using System;
using System.Linq;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;

namespace GemmaVk.Gpu.Kernels;

// Letters: T rows in this pass, H query heads, K KV heads, G = H / K.

/// <summary>
/// How attention of few rows is cut: tiles of heads that share keys, and the keys of a tile shared out among workgroups, whose parts the last of
/// them joins.
/// </summary>
internal static class AttentionSplits
{
    /// <summary>Parts that one workgroup joins at once: RUN of shaders/include/attention_join.glsl.</summary>
    public const uint Run = 16;

    // Workgroups that one row should make: enough to fill a large GPU; on a CPU as many as it has workers, roughly.
    private const long GpuGroups = 512;
    private const long SoftwareGroups = 8;

    // Parts are joined in runs, and runs once more.
    private const long MaxParts = Run * Run;

    /// <summary>Most workgroups that share the keys of one tile of heads, where the cache lies in so many chunks.</summary>
    public static long Most(int H, int K, long chunks, bool software) =>
        Math.Clamp((software ? SoftwareGroups : GpuGroups) / (H / Queries(H / K)), 1, Math.Max(1, MaxParts / chunks));

    /// <summary>Runs of parts that are joined before the rest; none where one workgroup joins all.</summary>
    public static long Runs(long parts) => parts <= Run ? 0 : (parts + Run - 1) / Run;

    /// <summary>
    /// The tiles of a call. Nothing here may depend on T or on positions: a row's result must not depend on the rows beside it, and
    /// the recording is replayed as the cache fills.
    /// </summary>
    /// <exception cref="ArgumentException">The cache lies in more chunks, or a row has more tiles, than parts can be counted.</exception>
    public static AttentionTile Of(KernelSettings settings, in AttentionDecode.Args args)
    {
        const uint lanes = 128;
        uint queries = Queries(args.H / args.K);
        uint lanesPerKey = Math.Max(1, queries / 4);
        uint keysPerLane = (settings.Software ? 2u : 1u) * (queries >= 8 ? 2u : 1u);
        long block = keysPerLane * lanes / lanesPerKey;
        long seen = args.Window == 0 ? args.Cache.R : Math.Min(args.Cache.R, args.Window);
        // One block more, because a range seldom begins where a block does.
        long blocks = ((seen + block - 1) / block) + 1;
        long chunks = args.Cache.Values is VulkanBuffer values ? values.RowChunks(args.W).LongCount() : 1;
        long splits = Math.Min(blocks, Most(args.H, args.K, chunks, settings.Software));
        long counters = args.T * (args.H / queries) * (Runs(splits * chunks) + 2);
        if (splits * chunks > MaxParts || counters > KernelSettings.CounterBytes / sizeof(uint))
            throw new ArgumentException($"attention over a cache in {chunks} pieces, {args.H} heads: more parts than can be joined");
        return new AttentionTile(queries, keysPerLane, (uint)splits, args.H / queries, args.T);
    }

    /// <summary>Heads of a tile, of G that share keys: each row of the cache is read once for all of them.</summary>
    private static uint Queries(int G) => G % 16 == 0 ? 16u : G % 8 == 0 ? 8u : G % 4 == 0 ? 4u : G % 2 == 0 ? 2u : 1u;
}
