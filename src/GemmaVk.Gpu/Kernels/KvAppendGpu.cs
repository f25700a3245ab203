using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

// Letters: T tokens in this pass, K KV heads, W head width, R rows of the cache.

/// <summary>Host side of shaders/kv_append.comp.</summary>
internal sealed class KvAppendGpu(KernelSettings settings) : GpuKernel<KvAppend.Args, KvAppendGpu.Push>(settings)
{
    internal readonly record struct Push(uint T, uint K, uint W, uint R, uint First, uint Count, uint Row0);

    public override KernelInterface Interface { get; } = new(
        nameof(KvAppend),
        CacheShape.Modules("kv_append"),
        [Access.Read, Access.Read, Access.Read, Access.Write, Access.Write, Access.ReadWrite, Access.ReadWrite],
        ["LocalSize"],
        typeof(Push));

    public override void Record(CommandRecorder recorder, in KvAppend.Args args)
    {
        KvRows cache = args.Cache;
        CacheShape.Check(nameof(KvAppend), cache, args.W, 2, int.MaxValue);
        long count = (long)args.T * args.K * args.W;
        long seen = (long)(args.First + args.T) * args.K * args.W;
        long rows = (long)args.K * cache.R * args.W;
        long groups = rows / QuantBlocks.GroupSize;
        long columns = cache.Format == DType.Q8 ? QuantBlocks.GroupSize : 2;
        BufferRange value = Range(args.Value, seen);
        BufferRange key = args.Key is null ? value : Range(args.Key, seen);
        // What a module does not read stands in for what the cache does not have.
        RowChunk[] values = [.. Buffer(cache.Values, rows).RowChunks(args.W)];
        RowChunk[] keys = cache.Keys is null ? values : [.. Buffer(cache.Keys, rows).RowChunks(args.W)];
        BufferRange valueScales = cache.ValueScales is null ? value : Range(cache.ValueScales, groups);
        BufferRange keyScales = cache.KeyScales is null ? valueScales : Range(cache.KeyScales, groups);
        foreach ((RowChunk k, RowChunk v) in keys.Zip(values))
        {
            DispatchFlat(
                recorder,
                CacheShape.Module("kv_append", cache),
                [Settings.LocalSize],
                [key, value, Range(args.Positions, args.First + args.T), k.Range, v.Range, keyScales, valueScales],
                new Push((uint)args.T, (uint)args.K, (uint)args.W, (uint)cache.R, v.First, v.Count, (uint)args.First),
                Groups(count / columns));
        }
    }
}
