using System;
using System.Linq;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Tuning;
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

    // Invocations of a workgroup without matrix units.
    private const uint Lanes = 128;

    // Parts are joined in runs, and runs once more.
    private const long MaxParts = Run * Run;

    /// <summary>Most workgroups that share the keys of one tile of heads, where the cache lies in so many chunks.</summary>
    public static long Most(int H, int K, long chunks, bool software) =>
        Math.Clamp((software ? SoftwareGroups : GpuGroups) / (H / Queries(H / K)), 1, Math.Max(1, MaxParts / chunks));

    /// <summary>Runs of parts that are joined before the rest; none where one workgroup joins all.</summary>
    public static long Runs(long parts) => parts <= Run ? 0 : (parts + Run - 1) / Run;

    /// <summary>Bytes of the parts of a pass's rows, and of their runs: of each W sums, a maximum and a total, in vectors of four.</summary>
    public static long Bytes(long T, long H, long W, long parts) => sizeof(float) * ((T * H * (parts + Runs(parts)) * (W + 2)) + 4);

    /// <summary>The form without matrix units where nothing was measured, of G heads that share keys.</summary>
    public static AttentionForm Usual(KernelSettings settings, int G)
    {
        uint queries = Queries(G);
        uint keysPerLane = (settings.Software ? 2u : 1u) * (queries >= 8 ? 2u : 1u);
        return new AttentionForm(Matrix: false, queries, keysPerLane, Groups: (uint)(settings.Software ? SoftwareGroups : GpuGroups));
    }

    /// <summary>The form on matrix units where nothing was measured.</summary>
    public static AttentionForm Usual(MatrixDecodeTile tile) =>
        new(Matrix: true, 0, tile.Keys, tile.Subgroups, tile.TurnKeys, (uint)(tile.HasLargeParts ? MatrixGroupsOfLargeParts : MatrixGroups));

    /// <summary>Keys of a block, without matrix units.</summary>
    public static uint Block(AttentionForm form) => form.Keys * Lanes / Math.Max(1, form.Queries / 4);

    /// <summary>
    /// The tiles of a call. Nothing here may depend on T or on positions: a row's result must not depend on the rows beside it, and
    /// the recording is replayed as the cache fills. A form does not either (<see cref="AttentionDecodeForms"/>).
    /// </summary>
    /// <exception cref="ArgumentException">The cache lies in more chunks, or a row has more tiles, than parts can be counted.</exception>
    public static AttentionTile Of(KernelSettings settings, AttentionForm form, in AttentionDecode.Args args)
    {
        uint tiles = (uint)args.H / form.Queries;
        uint splits = Checked(Splits(form, args, tiles, Block(form), settings.Software), args, tiles);
        return new AttentionTile([form.Queries, form.Keys], splits, X: splits, Y: tiles, Z: args.T);
    }

    /// <summary>Likewise, on matrix units: rows share workgroups, and those of the same keys begin together.</summary>
    /// <exception cref="ArgumentException">As above.</exception>
    public static AttentionTile Of(KernelSettings settings, AttentionForm form, MatrixDecodeTile tile, in AttentionDecode.Args args)
    {
        long tiles = args.H / tile.Heads;
        uint splits = Checked(Splits(form, args, tiles, tile.TurnKeys, software: false), args, tiles);
        return new AttentionTile(tile.Constants((uint)settings.Device.Features.SubgroupSize), splits, X: (args.T + tile.Rows - 1) / tile.Rows, Y: tiles, Z: splits);
    }

    /// <summary>Whether the parts of a form can be counted for as many rows as a pass may have, so that what runs does not depend on how many it has.</summary>
    /// <param name="form">The form.</param>
    /// <param name="args">A call, of which T does not matter.</param>
    /// <param name="tiles">Tiles of a row.</param>
    /// <param name="turn">Keys that a workgroup takes at a time.</param>
    /// <param name="software">The form is one of a software driver.</param>
    public static bool Fit(AttentionForm form, in AttentionDecode.Args args, long tiles, long turn, bool software = false) =>
        Fit(Splits(form, args, tiles, turn, software), args, tiles, MatVec.MaxRows);

    private static bool Fit(long splits, in AttentionDecode.Args args, long tiles, int T)
    {
        long parts = splits * Chunks(args);
        return parts <= MaxParts && T * tiles * (Runs(parts) + 2) <= KernelSettings.CounterBytes / sizeof(uint);
    }

    private static uint Checked(long splits, in AttentionDecode.Args args, long tiles) => Fit(splits, args, tiles, args.T)
        ? (uint)splits
        : throw new ArgumentException($"attention over a cache in {Chunks(args)} pieces, {args.H} heads: more parts than can be joined");

    // How many workgroups share the keys of a tile, of which there are so many in a row: at most one per turn. Never more than Most, by which memory is planned.
    private static long Splits(AttentionForm form, in AttentionDecode.Args args, long tiles, long turn, bool software)
    {
        long seen = args.Window == 0 ? args.Cache.R : Math.Min(args.Cache.R, args.Window);
        // One turn more, because a range seldom begins where a turn does.
        long turns = ((seen + turn - 1) / turn) + 1;
        return Math.Min(turns, Math.Min(Math.Max(1, form.Groups / tiles), Most(args.H, args.K, Chunks(args), software)));
    }

    private static long Chunks(in AttentionDecode.Args args) => args.Cache.Values is VulkanBuffer values ? values.RowChunks(args.W).LongCount() : 1;

    /// <summary>Heads of a tile, of G that share keys: each row of the cache is read once for all of them.</summary>
    private static uint Queries(int G) => G % 16 == 0 ? 16u : G % 8 == 0 ? 8u : G % 4 == 0 ? 4u : G % 2 == 0 ? 2u : 1u;
}
