using System;
using System.Linq;
using GemmaVk.Gpu.Matrices;
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

    // Likewise where matrix units multiply: a workgroup is twice as large there. Large parts take as long to join as their keys take to read.
    private const long MatrixGroups = 256;
    private const long MatrixGroupsOfLargeParts = 128;

    // Parts are joined in runs, and runs once more.
    private const long MaxParts = Run * Run;

    /// <summary>Most workgroups that share the keys of one tile of heads, where the cache lies in so many chunks.</summary>
    public static long Most(int H, int K, long chunks, bool software) =>
        Math.Clamp((software ? SoftwareGroups : GpuGroups) / (H / Queries(H / K)), 1, Math.Max(1, MaxParts / chunks));

    /// <summary>Runs of parts that are joined before the rest; none where one workgroup joins all.</summary>
    public static long Runs(long parts) => parts <= Run ? 0 : (parts + Run - 1) / Run;

    /// <summary>Bytes of the parts of a pass's rows, and of their runs: of each W sums, a maximum and a total, in vectors of four.</summary>
    public static long Bytes(long T, long H, long W, long parts) => sizeof(float) * ((T * H * (parts + Runs(parts)) * (W + 2)) + 4);

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
        uint tiles = (uint)args.H / queries;
        uint splits = Splits(args, block, tiles, Most(args.H, args.K, Chunks(args), settings.Software));
        return new AttentionTile([queries, keysPerLane], splits, X: splits, Y: tiles, Z: args.T);
    }

    /// <summary>Likewise, on matrix units: rows share workgroups, and those of the same keys begin together.</summary>
    /// <exception cref="ArgumentException">As above.</exception>
    public static AttentionTile Of(KernelSettings settings, MatrixDecodeTile tile, in AttentionDecode.Args args)
    {
        long tiles = args.H / tile.Heads;
        uint splits = Splits(args, tile.Keys * tile.Turn, tiles, Math.Min(Math.Max(1, (tile.HasLargeParts ? MatrixGroupsOfLargeParts : MatrixGroups) / tiles), Most(args.H, args.K, Chunks(args), software: false)));
        return new AttentionTile(tile.Constants((uint)settings.Device.Features.SubgroupSize), splits, X: (args.T + tile.Rows - 1) / tile.Rows, Y: tiles, Z: splits);
    }

    // How many workgroups share the keys of a tile, of which there are so many in a row: at most one per block.
    private static uint Splits(in AttentionDecode.Args args, long block, long tiles, long most)
    {
        long chunks = Chunks(args);
        long seen = args.Window == 0 ? args.Cache.R : Math.Min(args.Cache.R, args.Window);
        // One block more, because a range seldom begins where a block does.
        long blocks = ((seen + block - 1) / block) + 1;
        long splits = Math.Min(blocks, most);
        long counters = args.T * tiles * (Runs(splits * chunks) + 2);
        if (splits * chunks > MaxParts || counters > KernelSettings.CounterBytes / sizeof(uint))
            throw new ArgumentException($"attention over a cache in {chunks} pieces, {args.H} heads: more parts than can be joined");
        return (uint)splits;
    }

    private static long Chunks(in AttentionDecode.Args args) => args.Cache.Values is VulkanBuffer values ? values.RowChunks(args.W).LongCount() : 1;

    /// <summary>Heads of a tile, of G that share keys: each row of the cache is read once for all of them.</summary>
    private static uint Queries(int G) => G % 16 == 0 ? 16u : G % 8 == 0 ? 8u : G % 4 == 0 ? 4u : G % 2 == 0 ? 2u : 1u;
}
