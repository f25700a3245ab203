using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Kernels.Products;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T tokens in this pass, D hidden size.

/// <summary>SIMD twin of <see cref="Embed"/>: a token is one unit.</summary>
internal static unsafe class EmbedCpu
{
    public static void Run<L, TF>(RowPartition pool, in Embed.Args args)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        WeightMatrix table = args.Table;
        Work<L, TF> work = new()
        {
            Ids = CpuBuffer.Of<int>(args.Ids, DType.I32, args.First + args.T) + args.First,
            X = CpuBuffer.Of<float>(args.X, DType.F32, (long)args.T * table.K),
            Data = CpuBuffer.Of<byte>(table.Data, table.Format, (long)table.N * table.K),
            Scales = table.Scale is null
                ? null
                : CpuBuffer.Of<ushort>(table.Scale, QuantBlocks.ScaleType(table.Format), table.N * QuantBlocks.RowScales(table.Format, table.K)),
            Format = table.Format,
            V = table.N,
            D = table.K,
            Scale = args.Scale,
        };
        pool.Run(ref work, args.T);
    }

    private struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public int* Ids;
        public float* X;
        public byte* Data;
        public ushort* Scales;
        public DType Format;
        public int V;
        public int D;
        public float Scale;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            for (int t = first; t < end; t++)
            {
                int id = Ids[t];
                if (id >= 0)
                {
                    ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, V);
                    Decode(id, X + ((long)t * D));
                }
            }
        }

        private readonly void Decode(long row, float* x)
        {
            nint data = (nint)(Data + (row * QuantBlocks.RowBytes(Format, D)));
            WeightRows weights = new(data, (nint)(Scales + (row * QuantBlocks.RowScales(Format, D))));
            switch (Format)
            {
                case DType.Q4:
                    Decode<NibbleDecoder<L, TF, BrainScales<L, TF>>>(weights, x);
                    break;
                case DType.Q4F16:
                    Decode<NibbleDecoder<L, TF, HalfScales<L, TF>>>(weights, x);
                    break;
                case DType.Q8:
                    Decode<ByteDecoder<L, TF, BrainScales<L, TF>>>(weights, x);
                    break;
                case DType.Q8F16:
                    Decode<ByteDecoder<L, TF, HalfScales<L, TF>>>(weights, x);
                    break;
                case DType.Q4K:
                    Decode<KDecoder<L, TF, Q4KWeights>>(weights, x);
                    break;
                case DType.Q5K:
                    Decode<KDecoder<L, TF, Q5KWeights>>(weights, x);
                    break;
                case DType.Q6K:
                    Decode<KDecoder<L, TF, Q6KWeights>>(weights, x);
                    break;
                case DType.F8E4M3:
                    Decode<Float8Decoder<L, TF>>(weights, x);
                    break;
                case DType.BF16:
                    Decode<BFloat16Decoder<L, TF>>(weights, x);
                    break;
                default:
                    Decode<FloatDecoder<L, TF>>(weights, x);
                    break;
            }
        }

        /// <summary>D is a multiple of 32, and so of two vectors.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Decode<TDecoder>(WeightRows row, float* x)
            where TDecoder : struct, IDecoder<TF>
        {
            TF scale = L.Create(Scale);
            float* lanes = stackalloc float[32];
            for (int d = 0; d < D; d += 2 * L.Count)
            {
                TDecoder.Decode(row, d, out TF first, out TF second);
                L.Store(L.Multiply(first, scale), lanes);
                L.Store(L.Multiply(second, scale), lanes + L.Count);
                int step = TDecoder.EvensFirst ? L.Count : 1;
                int stride = TDecoder.EvensFirst ? 1 : 2;
                for (int c = 0; c < L.Count; c++)
                {
                    x[d + (2 * c)] = lanes[stride * c];
                    x[d + (2 * c) + 1] = lanes[(stride * c) + step];
                }
            }
        }
    }
}
