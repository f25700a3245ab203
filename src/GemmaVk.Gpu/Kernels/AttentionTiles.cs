using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

// Letters: T rows in this pass, H query heads, K KV heads, G = H / K, W head width.

/// <summary>What the attention kernels share on the host: tiles of queries and chunks of the cache.</summary>
/// <param name="settings">Choices for the device.</param>
/// <param name="kernel">Kernel name.</param>
/// <param name="prefix">Prefix of its modules.</param>
/// <param name="result">What a module does with its result.</param>
/// <param name="more">Bindings behind those of the tile.</param>
/// <param name="constants">Specialization constants behind those of the tile.</param>
internal abstract class AttentionTiles<TArgs>(KernelSettings settings, string kernel, string prefix, Access result, Access[] more, string[] constants)
    : GpuKernel<TArgs, AttentionPush>(settings)
{
    // The shader keeps its queries in shared memory: eight of this width, or sixteen by halves.
    private const int MaxWidth = 512;

    public override KernelInterface Interface { get; } =
        AttentionPush.Interface(kernel, CacheShape.Modules(prefix), result, more, ["Queries", "KeysPerLane", .. constants]);

    public override KernelVariant Variant => new(kernel, Interface.Modules[0], "tiles of queries that share keys; a module per format");

    /// <summary>The module for a cache, without matrix units.</summary>
    protected string Module(in KvRows cache) => CacheShape.Module(prefix, cache);

    /// <summary>Records attention of few rows, in the form that its cache has.</summary>
    /// <param name="recorder">Where to.</param>
    /// <param name="args">The call.</param>
    /// <param name="forms">In which forms the kernel runs.</param>
    /// <param name="matrix">The form on matrix units.</param>
    /// <param name="values">Values of the constants behind those of the tile.</param>
    /// <param name="buffers">Buffers behind those of the tile.</param>
    protected void Record(
        CommandRecorder recorder,
        in AttentionDecode.Args args,
        AttentionDecodeForms forms,
        AttentionDecodeMatrixGpu matrix,
        ReadOnlySpan<uint> values,
        ReadOnlySpan<BufferRange> buffers)
    {
        (AttentionForm form, MatrixDecodeTile? blocks) = forms.Of(args);
        (string module, AttentionTile tile) = blocks is not null
            ? (matrix.Module(args.Cache), AttentionSplits.Of(Settings, form, blocks, args))
            : (Module(args.Cache), AttentionSplits.Of(Settings, form, args));
        _ = Record(recorder, args, module, tile, values, buffers);
    }

    /// <summary>Records attention in tiles, once for each chunk of the cache.</summary>
    /// <param name="recorder">Where to.</param>
    /// <param name="args">The call.</param>
    /// <param name="module">The module.</param>
    /// <param name="tile">How the call is cut.</param>
    /// <param name="values">Values of the constants behind those of the tile.</param>
    /// <param name="buffers">Buffers behind those of the tile.</param>
    /// <returns>Parts of each row's attention, and where they are: in the kernel's result where there is one.</returns>
    protected (uint Parts, BufferRange Result) Record(
        CommandRecorder recorder, in AttentionDecode.Args args, string module, in AttentionTile tile, ReadOnlySpan<uint> values, ReadOnlySpan<BufferRange> buffers)
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

        uint parts = tile.Splits * (uint)v.Length;
        BufferRange result = parts == 1
            ? Range(args.Out, count)
            : Settings.Scratch(AttentionSplits.Bytes(args.T, args.H, args.W, parts));
        for (int chunk = 0; chunk < v.Length; chunk++)
        {
            Dispatch(
                recorder,
                module,
                [.. tile.Constants, .. values],
                [
                    q, k[chunk].Range, v[chunk].Range, Range(args.Positions, args.First + args.T), Range(args.Reach, args.First + args.T), result,
                    keyScales, valueScales, norm, coarse, fine, .. buffers,
                ],
                new AttentionPush(
                    (uint)args.T, (uint)args.H, (uint)args.K, (uint)args.W, (uint)cache.R, (uint)args.Window, v[chunk].First, v[chunk].Count,
                    tile.Splits, (uint)chunk * tile.Splits, parts, pairs, (uint)args.First),
                tile.X,
                tile.Y,
                tile.Z);
        }

        return (parts, result);
    }
}
