using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

// Letters: T rows in this pass, H query heads, K KV heads, G = H / K, W head width, R rows of the cache.

/// <summary>What both attention kernels share on the host: tiles of queries, chunks of the cache, and joining of parts.</summary>
internal abstract class AttentionTiles<TArgs>(KernelSettings settings, string kernel, string prefix) : GpuKernel<TArgs, AttentionPush>(settings)
{
    /// <summary>Invocations of a workgroup.</summary>
    protected const uint Lanes = 128;

    // The shader keeps eight queries of this width in shared memory.
    private const int MaxWidth = 512;

    private readonly AttentionCombineGpu combine = new(settings);

    public override KernelInterface Interface { get; } = new(
        kernel,
        [$"{prefix}_f16", $"{prefix}_f32"],
        [Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Write],
        ["Queries", "KeysPerLane"],
        typeof(AttentionPush));

    /// <summary>The stage that joins parts.</summary>
    public IGpuKernel Combine => combine;

    /// <summary>Records attention as tiles of <paramref name="queries"/>, with the grid's y and z, and keys shared by <paramref name="splits"/>.</summary>
    protected void Record(CommandRecorder recorder, in AttentionDecode.Args args, uint queries, uint keysPerLane, uint splits, long y, long z)
    {
        CacheShape.Check(kernel, args.KCache, args.VCache, args.W, 8, MaxWidth);
        long count = (long)args.T * args.H * args.W;
        long rows = (long)args.K * args.R * args.W;
        RowChunk[] k = [.. Buffer(args.KCache, rows).RowChunks(args.W)];
        RowChunk[] v = [.. Buffer(args.VCache, rows).RowChunks(args.W)];
        uint parts = splits * (uint)k.Length;
        BufferRange output = Range(args.Out, count);
        BufferRange result = parts == 1 ? output : Settings.Scratch(sizeof(float) * (long)args.T * args.H * parts * (args.W + 2));
        for (int chunk = 0; chunk < k.Length; chunk++)
        {
            Dispatch(
                recorder,
                $"{prefix}_{Formats.CacheSuffix(args.KCache.DType)}",
                [queries, keysPerLane],
                [Range(args.Q, count), k[chunk].Range, v[chunk].Range, Range(args.Positions, args.T), Range(args.Reach, args.T), result],
                new AttentionPush(
                    (uint)args.T, (uint)args.H, (uint)args.K, (uint)args.W, (uint)args.R, (uint)args.Window, k[chunk].First, k[chunk].Count,
                    splits, (uint)chunk * splits, parts),
                splits,
                y,
                z);
        }

        if (parts > 1)
            combine.Record(recorder, new AttentionCombineGpu.Args(result, output, args.T * args.H, args.W, parts));
    }
}
