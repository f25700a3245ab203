using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

// Letters: T rows in this pass, N outputs of a matrix, C inputs.

/// <summary>Host side of shaders/mat_vec_qkv.comp; matrices that no binding spans, or of which only some are narrow, go through MatVec, as do all on a device that binds few buffers.</summary>
internal sealed class MatVecQkvGpu(KernelSettings settings) : GpuKernel<MatVecQkv.Args, MatVecQkvGpu.Push>(settings)
{
    private readonly MatVecGpu plain = new(settings);

    internal readonly record struct Push(uint K, uint T, uint QN, uint KN, uint VN, uint KStart, uint VStart);

    public override KernelInterface Interface { get; } = new(
        nameof(MatVecQkv),
        Formats.PerProduct("mat_vec_qkv"),
        [
            Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, Access.Read,
            Access.Write, Access.Write, Access.Write,
        ],
        ["LocalSize", "Rows", "Cols", "Ahead", "Split"],
        typeof(Push));

    public override KernelVariant Variant =>
        new(Interface.Kernel, Formats.Product("mat_vec_qkv", DType.Q4, quantised: true, Settings.IntegerDot), Settings.IntegerDotReason + "; a module per format");

    public override void Record(CommandRecorder recorder, in MatVecQkv.Args args)
    {
        (Activations x, WeightMatrix q, WeightMatrix k, WeightMatrix? v, int T) = (args.X, args.Q, args.K, args.V, args.T);
        if (T is < 1 or > MatVec.MaxRows || !q.IsLike(k) || (v is not null && !q.IsLike(v)))
            throw new ArgumentException($"MatVecQkv takes 1 to {MatVec.MaxRows} rows and matrices of one format and width; {T} rows, {q.Format}, {k.Format} and {v?.Format} were given");
        MatTile tile = plain.Tile(x, q, T, (long)q.N + k.N + (v?.N ?? 0));
        long qGroups = Groups(q, tile), kGroups = Groups(k, tile), vGroups = v is null ? 0 : Groups(v, tile);
        // Narrow matrices have another order of sums than wide ones, and a dispatch has one of them.
        bool mixed = plain.IsNarrow(q.N) != plain.IsNarrow(k.N) || plain.IsNarrow(q.N) != plain.IsNarrow((v ?? q).N);
        if (!Fits || mixed || qGroups + kGroups + vGroups > ushort.MaxValue
            || WeightChunk.Whole(q) is not { } qs || WeightChunk.Whole(k) is not { } ks || (v is null ? ks : WeightChunk.Whole(v)) is not { } vs)
        {
            plain.Record(recorder, new(x, q, args.QRows, T));
            plain.Record(recorder, new(x, k, args.KRows, T));
            if (v is not null)
                plain.Record(recorder, new(x, v, args.VRows, T));
            return;
        }

        long count = (long)T * q.K;
        BufferRange keys = Range(args.KRows, (long)T * k.N);
        Dispatch(
            recorder,
            Formats.Product("mat_vec_qkv", q.Format, x.Quantised, Settings.IntegerDot),
            tile.Constants,
            [
                qs.Data, ks.Data, vs.Data, qs.Scale, ks.Scale, vs.Scale,
                Range(x.Data, count),
                x.Quantised ? Range(x.Scale!, count / QuantBlocks.GroupSize) : default,
                x.Quantised ? Range(x.Sum!, count / QuantBlocks.GroupSize) : default,
                Range(args.QRows, (long)T * q.N),
                keys,
                // Without V nothing is written there.
                v is null ? keys : Range(args.VRows, (long)T * v.N),
            ],
            new Push((uint)q.K, (uint)T, (uint)q.N, (uint)k.N, (uint)(v?.N ?? 0), (uint)qGroups, (uint)(qGroups + kGroups)),
            (T + tile.T - 1) / tile.T,
            qGroups + kGroups + vGroups);
    }

    private static long Groups(WeightMatrix w, in MatTile tile) => (w.N + tile.N - 1) / tile.N;
}
