using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T tokens in this pass, K KV heads, W head width, R rows of the cache.

/// <summary>SIMD twin of <see cref="KvAppend"/>: a head of a token is one unit.</summary>
internal static unsafe class KvAppendCpu
{
    public static void Run<L, TF>(RowPartition pool, in KvAppend.Args args)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        long count = (long)args.T * args.K * args.W;
        long cache = (long)args.K * args.R * args.W;
        bool half = args.KCache.DType == DType.F16;
        Work<L, TF> work = new()
        {
            Key = CpuBuffer.Of<float>(args.Key, DType.F32, count),
            Value = CpuBuffer.Of<float>(args.Value, DType.F32, count),
            KCache = CpuBuffer.Of<byte>(args.KCache, half ? DType.F16 : DType.F32, cache),
            VCache = CpuBuffer.Of<byte>(args.VCache, half ? DType.F16 : DType.F32, cache),
            Positions = CpuBuffer.Of<int>(args.Positions, DType.I32, args.T),
            Half = half,
            K = args.K,
            W = args.W,
            R = args.R,
        };
        pool.Run(ref work, args.T * args.K, least: 32);
    }

    private struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public float* Key;
        public float* Value;
        public byte* KCache;
        public byte* VCache;
        public int* Positions;
        public bool Half;
        public int K;
        public int W;
        public int R;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            for (int unit = first; unit < end; unit++)
            {
                int position = Positions[unit / K];
                ArgumentOutOfRangeException.ThrowIfNegative(position);
                long to = (((long)(unit % K) * R) + (position % R)) * W;
                Store(Key + ((long)unit * W), KCache, to);
                Store(Value + ((long)unit * W), VCache, to);
            }
        }

        private readonly void Store(float* row, byte* cache, long to)
        {
            if (!Half)
            {
                new ReadOnlySpan<float>(row, W).CopyTo(new Span<float>((float*)cache + to, W));
                return;
            }

            ushort* halves = (ushort*)cache + to;
            int w = 0;
            for (; w + L.Count <= W; w += L.Count)
            {
                L.StoreHalf(L.Load(row + w), halves + w);
            }

            for (; w < W; w++)
            {
                halves[w] = BitConverter.HalfToUInt16Bits((Half)row[w]);
            }
        }
    }
}
