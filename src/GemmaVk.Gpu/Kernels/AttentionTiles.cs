using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

// Letters: T rows in this pass, H query heads, K KV heads, G = H / K, W head width.

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
        CacheShape.Modules(prefix),
        [
            Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Write,
            Access.Read, Access.Read, Access.Read, Access.Read, Access.Read,
        ],
        ["Queries", "KeysPerLane"],
        typeof(AttentionPush));

    /// <summary>The stage that joins parts.</summary>
    public IGpuKernel Combine => combine;

    /// <summary>Records attention as tiles of <paramref name="queries"/>, with the grid's y and z, and keys shared by <paramref name="splits"/>.</summary>
    protected void Record(CommandRecorder recorder, in AttentionDecode.Args args, uint queries, uint keysPerLane, uint splits, long y, long z)
    {
        KvRows cache = args.Cache;
        CacheShape.Check(kernel, cache, args.W, 8, MaxWidth);
        long count = (long)(args.First + args.T) * args.H * args.W;
        long rows = (long)args.K * cache.R * args.W;
        BufferRange q = Range(args.Q, count);
        // What a module does not read stands in for what the cache does not have.
        RowChunk[] v = [.. Buffer(cache.Values, rows).RowChunks(args.W)];
        RowChunk[] k = cache.Keys is null ? v : [.. Buffer(cache.Keys, rows).RowChunks(args.W)];
        BufferRange valueScales = cache.ValueScales is null ? q : Range(cache.ValueScales, rows / QuantBlocks.GroupSize);
        BufferRange keyScales = cache.KeyScales is null ? q : Range(cache.KeyScales, rows / QuantBlocks.GroupSize);
        (BufferRange norm, BufferRange coarse, BufferRange fine, uint pairs) = (q, q, q, 0u);
        if (cache.Keys is null)
        {
            KeysFromValues from = cache.FromValues!;
            int width = 2 * from.Pairs;
            norm = Range(from.Norm, args.W);
            coarse = Range(from.Coarse, (((cache.R - 1L) / KeysFromValues.Step) + 1) * width);
            fine = Range(from.Fine, (long)KeysFromValues.Step * width);
            pairs = (uint)from.Pairs;
        }

        uint parts = splits * (uint)v.Length;
        BufferRange output = Range(args.Out, count);
        BufferRange result = parts == 1 ? output : Settings.Scratch(sizeof(float) * (long)args.T * args.H * parts * (args.W + 2));
        for (int chunk = 0; chunk < v.Length; chunk++)
        {
            Dispatch(
                recorder,
                CacheShape.Module(prefix, cache),
                [queries, keysPerLane],
                [
                    q, k[chunk].Range, v[chunk].Range, Range(args.Positions, args.First + args.T), Range(args.Reach, args.First + args.T), result,
                    keyScales, valueScales, norm, coarse, fine,
                ],
                new AttentionPush(
                    (uint)args.T, (uint)args.H, (uint)args.K, (uint)args.W, (uint)cache.R, (uint)args.Window, v[chunk].First, v[chunk].Count,
                    splits, (uint)chunk * splits, parts, pairs, (uint)args.First),
                splits,
                y,
                z);
        }

        if (parts > 1)
            combine.Record(recorder, new AttentionCombineGpu.Args(result, output, args.First * args.H, args.T * args.H, args.W, parts));
    }
}
