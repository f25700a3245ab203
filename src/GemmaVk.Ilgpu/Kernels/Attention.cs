using System;
using GemmaVk.Ilgpu.Formats;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T rows in this pass, H query heads, K KV heads, W head width, R rows of the cache, P pairs that rotate.

/// <summary>Host side of <see cref="AttentionDecode"/> and <see cref="AttentionPrefill"/>, which are one kernel here.</summary>
internal sealed class Attention(KernelLoader loader, string name)
{
    /// <summary>Widest head: its sums stay in shared memory.</summary>
    public const int MostWidth = 512;

    private readonly CacheKernels<Call> _kernels = new(name, loader.Rows)
    {
        Floats = AttentionDecodeIlgpu.Run<FloatRows, OneLane>,
        Halves = AttentionDecodeIlgpu.Run<HalfRows, OneLane>,
        Steps = AttentionDecodeIlgpu.Run<StepRows, OneLane>,
    };

    /// <summary>Checks the arguments and picks the kernel for the cache.</summary>
    public void Record(LaunchList launches, in AttentionDecode.Args args)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(args.W, MostWidth);
        KvRows cache = args.Cache;
        if (cache.Keys is null && cache.FromValues is null)
        {
            throw new ArgumentException($"{cache.Values.Name}: a cache without keys must say how they are rebuilt");
        }

        long count = (long)args.T * args.H * args.W;
        CacheRows values = CacheRows.Of(cache.Values, cache.ValueScales, args.K, cache.R, args.W);
        long skipped = (long)args.First * args.H * args.W;
        ArrayView<float> q = IlgpuBuffer.Of<float>(args.Q, DType.F32, count, skipped);
        Call call = new()
        {
            Q = q,
            Keys = cache.Keys is null ? values : CacheRows.Of(cache.Keys, cache.KeyScales, args.K, cache.R, args.W),
            Values = values,
            Norm = cache.Keys is null ? IlgpuBuffer.Of<float>(cache.FromValues!.Norm, DType.F32, args.W) : q,
            Coarse = cache.Keys is null ? IlgpuBuffer.Of<float>(cache.FromValues!.Coarse, DType.F32, 0) : q,
            Fine = cache.Keys is null ? IlgpuBuffer.Of<float>(cache.FromValues!.Fine, DType.F32, 0) : q,
            Pairs = cache.Keys is null ? cache.FromValues!.Pairs : -1,
            Positions = IlgpuBuffer.Of<int>(args.Positions, DType.I32, args.T, args.First),
            Reach = IlgpuBuffer.Of<int>(args.Reach, DType.I32, args.T, args.First),
            Out = IlgpuBuffer.Of<float>(args.Out, DType.F32, count, skipped),
            Rows = (long)args.T * args.H,
            H = args.H,
            G = args.H / args.K,
            W = args.W,
            R = cache.R,
            Window = args.Window,
        };
        _kernels.Of(cache).Add(launches, call.Rows, call);
    }

    internal struct Call
    {
        public ArrayView<float> Q;
        public CacheRows Keys;
        public CacheRows Values;
        public ArrayView<float> Norm;
        public ArrayView<float> Coarse;
        public ArrayView<float> Fine;
        public ArrayView<int> Positions;
        public ArrayView<int> Reach;
        public ArrayView<float> Out;
        public long Rows;
        public int Pairs;
        public int H;
        public int G;
        public int W;
        public int R;
        public int Window;
    }
}
