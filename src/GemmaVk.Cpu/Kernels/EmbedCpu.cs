using System;
using System.Runtime.CompilerServices;
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
            Ids = CpuBuffer.Of<int>(args.Ids, DType.I32, args.T),
            X = CpuBuffer.Of<float>(args.X, DType.F32, (long)args.T * table.K),
            Data = CpuBuffer.Of<byte>(table.Data, table.Format, (long)table.N * table.K),
            Scales = table.Scale is null
                ? null
                : CpuBuffer.Of<ushort>(table.Scale, DType.BF16, table.N * QuantBlocks.RowScales(table.Format, table.K)),
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
            byte* data = Data + (row * QuantBlocks.RowBytes(Format, D));
            ushort* scales = Scales + (row * QuantBlocks.RowScales(Format, D));
            for (int c = 0; c < D; c++)
            {
                float value = Format switch
                {
                    DType.Q4 => (((data[c / 2] >> (4 * (c & 1))) & 15) - 8) * BFloat16.ToSingle(scales[c / 32]),
                    DType.Q8 => (sbyte)data[c] * BFloat16.ToSingle(scales[c / 32]),
                    DType.F8E4M3 => Float8.ToSingle(data[c]) * BFloat16.ToSingle(*scales),
                    DType.BF16 => BFloat16.ToSingle(((ushort*)data)[c]),
                    _ => ((float*)data)[c],
                };
                x[c] = value * Scale;
            }
        }
    }
}
