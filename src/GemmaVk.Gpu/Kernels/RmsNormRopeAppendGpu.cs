using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

// Letters: T tokens in this pass, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>Host side of shaders/rms_norm_rope_append.comp.</summary>
internal sealed class RmsNormRopeAppendGpu(KernelSettings settings) : GpuKernel<RmsNormRopeAppend.Args, RmsNormRopeAppendGpu.Push>(settings)
{
    private const string Prefix = "rms_norm_rope_append";

    // The shader keeps a head of this width in shared memory.
    private const int MaxWidth = 512;

    internal readonly record struct Push(uint H, uint K, uint W, uint R, uint First, uint Count, uint Row0, uint Skip, float Eps);

    public override KernelInterface Interface { get; } = new(
        nameof(RmsNormRopeAppend),
        CacheShape.Modules(Prefix),
        [
            Access.ReadWrite, Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Write, Access.Write,
            Access.ReadWrite, Access.ReadWrite,
        ],
        ["LocalSize", "Held"],
        typeof(Push));

    public override void Record(CommandRecorder recorder, in RmsNormRopeAppend.Args args)
    {
        KvRows cache = args.Cache;
        CacheShape.Check(nameof(RmsNormRopeAppend), cache, args.W, 2, MaxWidth);
        long tokens = args.First + args.T;
        long kv = tokens * args.K * args.W;
        long rows = (long)args.K * cache.R * args.W;
        long groups = rows / QuantBlocks.GroupSize;
        BufferRange q = Range(args.Q, tokens * args.H * args.W);
        BufferRange key = Range(args.Key, kv);
        BufferRange raw = Range(args.Raw, kv);
        BufferRange qWeight = Range(args.QWeight, args.W);
        BufferRange kWeight = Range(args.KWeight, args.W);
        BufferRange angles = Range(args.Angles, tokens * args.W);
        BufferRange positions = Range(args.Positions, tokens);
        // What a module does not use stands in for what the cache does not have.
        RowChunk[] values = [.. Buffer(cache.Values, rows).RowChunks(args.W)];
        RowChunk[] keys = cache.Keys is null ? values : [.. Buffer(cache.Keys, rows).RowChunks(args.W)];
        BufferRange valueScales = cache.ValueScales is null ? raw : Range(cache.ValueScales, groups);
        BufferRange keyScales = cache.KeyScales is null ? raw : Range(cache.KeyScales, groups);
        int heads = args.H + ((cache.Keys is null ? 1 : 2) * args.K);
        // Queries are done with the first piece of the cache.
        int skip = 0;
        foreach ((RowChunk k, RowChunk v) in keys.Zip(values))
        {
            Dispatch(
                recorder,
                CacheShape.Module(Prefix, cache),
                [Settings.LocalSize, (uint)Groups(args.W / 2)],
                [q, key, raw, qWeight, kWeight, angles, positions, k.Range, v.Range, keyScales, valueScales],
                new Push((uint)args.H, (uint)args.K, (uint)args.W, (uint)cache.R, v.First, v.Count, (uint)args.First, (uint)skip, args.Eps),
                heads - skip,
                args.T);
            skip = args.H;
        }
    }
}
