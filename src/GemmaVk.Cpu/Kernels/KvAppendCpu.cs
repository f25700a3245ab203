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
        (int T, int K, int W) = (args.T, args.K, args.W);
        KvRows cache = args.Cache;
        int* positions = CpuBuffer.Of<int>(args.Positions, DType.I32, args.First + T) + args.First;
        if (cache.Keys is { } keys)
        {
            ArgumentNullException.ThrowIfNull(args.Key);
            Store<L, TF>(pool, args.Key, keys, cache.KeyScales, positions, args.First, T, K, W, cache.R);
        }

        Store<L, TF>(pool, args.Value, cache.Values, cache.ValueScales, positions, args.First, T, K, W, cache.R);
    }

    private static void Store<L, TF>(
        RowPartition pool, BufferHandle from, BufferHandle to, BufferHandle? scales, int* positions, int first, int T, int K, int W, int R)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        if (to.DType is not (DType.F32 or DType.F16 or DType.Q8) || (to.DType == DType.Q8 && W % QuantBlocks.GroupSize != 0))
        {
            throw new ArgumentException($"{to.Name}: a cache is F32, F16, or Q8 with a head width that is a multiple of 32, but it is {to.DType} and {W}");
        }

        long count = (long)K * R * W;
        Work<L, TF> work = new()
        {
            From = CpuBuffer.Of<float>(from, DType.F32, (long)(first + T) * K * W) + ((long)first * K * W),
            To = CpuBuffer.Of<byte>(to, to.DType, count),
            Scales = to.DType == DType.Q8 ? CpuBuffer.Of<ushort>(scales!, DType.BF16, count / QuantBlocks.GroupSize) : null,
            Positions = positions,
            Format = to.DType,
            K = K,
            W = W,
            R = R,
        };
        pool.Run(ref work, T * K, least: 32);
    }

    private struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public float* From;
        public byte* To;
        public ushort* Scales;
        public int* Positions;
        public DType Format;
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
                float* row = From + ((long)unit * W);
                long to = (((long)(unit % K) * R) + (position % R)) * W;
                switch (Format)
                {
                    case DType.F16:
                        Halves(row, (ushort*)To + to);
                        break;
                    case DType.Q8:
                        Steps(row, (sbyte*)To + to, Scales + (to / QuantBlocks.GroupSize));
                        break;
                    default:
                        new ReadOnlySpan<float>(row, W).CopyTo(new Span<float>((float*)To + to, W));
                        break;
                }
            }
        }

        private readonly void Halves(float* row, ushort* to)
        {
            int w = 0;
            for (; w + L.Count <= W; w += L.Count)
            {
                L.StoreHalf(L.Load(row + w), to + w);
            }

            for (; w < W; w++)
            {
                to[w] = BitConverter.HalfToUInt16Bits((Half)row[w]);
            }
        }

        private readonly void Steps(float* row, sbyte* to, ushort* scales)
        {
            TF limit = L.Create(127f);
            TF least = L.Create(-127f);
            for (int g = 0; g < W / QuantBlocks.GroupSize; g++, row += QuantBlocks.GroupSize, to += QuantBlocks.GroupSize)
            {
                TF largest = L.Zero, poison = L.Zero;
                for (int c = 0; c < QuantBlocks.GroupSize; c += L.Count)
                {
                    // A maximum passes NaN over; zero times it does not.
                    TF value = L.Load(row + c);
                    largest = L.Max(L.Abs(value), largest);
                    poison = L.Fma(value, L.Zero, poison);
                }

                float exact = (L.Largest(largest) * (1f / 127)) + L.Sum(poison);
                scales[g] = exact < KvAppend.LeastScale ? (ushort)0 : BFloat16.FromSingle(exact);
                float unit = BFloat16.ToSingle(scales[g]);
                TF inverse = L.Create(unit == 0 ? 0 : 1 / unit);
                for (int c = 0; c < QuantBlocks.GroupSize; c += L.Count)
                {
                    L.StoreBytes(L.Max(L.Min(L.Round(L.Multiply(L.Load(row + c), inverse)), limit), least), to + c);
                }
            }
        }
    }
}
