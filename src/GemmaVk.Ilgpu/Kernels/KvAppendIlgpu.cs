using System;
using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Formats;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T tokens in this pass, K KV heads, W head width, R rows of the cache.

/// <summary>ILGPU twin of <see cref="KvAppend"/>: 32 columns of a head of a token are a thread's. Keys and values are two launches.</summary>
internal sealed class KvAppendIlgpu(KernelLoader loader)
{
    private readonly CacheKernels<Call> _kernels = new(nameof(KvAppend), loader.Elements)
    {
        Floats = Run<FloatRows>,
        Halves = Run<HalfRows>,
        Steps = Run<StepRows>,
    };

    public void Record(LaunchList launches, in KvAppend.Args args)
    {
        if (args.Cache.Keys is { } keys)
        {
            ArgumentNullException.ThrowIfNull(args.Key);
            Record(launches, args, args.Key, keys, args.Cache.KeyScales);
        }

        Record(launches, args, args.Value, args.Cache.Values, args.Cache.ValueScales);
    }

    private void Record(LaunchList launches, in KvAppend.Args args, BufferHandle from, BufferHandle to, BufferHandle? scales)
    {
        int blocks = (args.W + QuantBlocks.GroupSize - 1) / QuantBlocks.GroupSize;
        Call call = new()
        {
            From = IlgpuBuffer.Of<float>(from, DType.F32, (long)args.T * args.K * args.W, (long)args.First * args.K * args.W),
            To = CacheRows.Of(to, scales, args.K, args.Cache.R, args.W),
            Positions = IlgpuBuffer.Of<int>(args.Positions, DType.I32, args.T, args.First),
            Units = (long)args.T * args.K * blocks,
            Blocks = blocks,
            K = args.K,
            W = args.W,
            R = args.Cache.R,
        };
        _kernels.Of(args.Cache).Add(launches, call.Units, call);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TFormat>(Call call)
        where TFormat : struct, ICacheFormat
    {
        Share share = new(call.Units);
        for (long unit = share.First; unit < share.To; unit += share.Step)
        {
            long head = unit / call.Blocks;
            int w = (int)(unit % call.Blocks) * 32;
            int position = call.Positions[head / call.K];
            if (position >= 0)
            {
                long to = ((((head % call.K) * call.R) + (position % call.R)) * call.W) + w;
                TFormat.Store(call.From, (head * call.W) + w, call.To, to, call.W - w < 32 ? call.W - w : 32);
            }
        }
    }

    internal struct Call
    {
        public ArrayView<float> From;
        public CacheRows To;
        public ArrayView<int> Positions;
        public long Units;
        public int Blocks;
        public int K;
        public int W;
        public int R;
    }
}
