using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>Host side of shaders/kv_append.comp.</summary>
internal sealed class KvAppendGpu(KernelSettings settings) : GpuKernel<KvAppend.Args, KvAppendGpu.Push>(settings)
{
    internal readonly record struct Push(uint T, uint K, uint W, uint R, uint First, uint Count);

    public override KernelInterface Interface { get; } = new(
        nameof(KvAppend),
        ["kv_append_f16", "kv_append_f32"],
        [Access.Read, Access.Read, Access.Read, Access.Write, Access.Write],
        ["LocalSize"],
        typeof(Push));

    public override void Record(CommandRecorder recorder, in KvAppend.Args args)
    {
        CacheShape.Check(nameof(KvAppend), args.KCache, args.VCache, args.W, 2, int.MaxValue);
        long count = (long)args.T * args.K * args.W;
        long rows = (long)args.K * args.R * args.W;
        foreach ((RowChunk k, RowChunk v) in Buffer(args.KCache, rows).RowChunks(args.W).Zip(Buffer(args.VCache, rows).RowChunks(args.W)))
        {
            DispatchFlat(
                recorder,
                $"kv_append_{Formats.CacheSuffix(args.KCache.DType)}",
                [Settings.LocalSize],
                [Range(args.Key, count), Range(args.Value, count), Range(args.Positions, args.T), k.Range, v.Range],
                new Push((uint)args.T, (uint)args.K, (uint)args.W, (uint)args.R, k.First, k.Count),
                Groups(count / 2));
        }
    }
}
