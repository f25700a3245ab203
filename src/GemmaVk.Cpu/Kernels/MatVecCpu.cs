using System;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

internal static unsafe class MatVecCpu
{
    public static void Run<L, TF, TB>(RowPartition pool, Scratch scratch, in MatVec.Args args)
        where L : struct, IDotLanes<TF, TB>
        where TF : unmanaged
        where TB : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(args.T, MatVec.MaxRows);
        Product(pool, args.X, args.W, args.Y, args.T, args.First);
    }

    public static void Product(RowPartition pool, in Activations x, WeightMatrix w, BufferHandle y, int T, int first)
    {
        long count = (long)(first + T) * w.K;
        Work work = new()
        {
            X = x.Quantised ? null : CpuBuffer.Of<float>(x.Data, DType.F32, count) + ((long)first * w.K),
            Q = x.Quantised ? CpuBuffer.Of<sbyte>(x.Data, DType.I8, count) + ((long)first * w.K) : null,
            Unit = x.Quantised ? CpuBuffer.Of<float>(x.Scale!, DType.F32, count / 32) + ((long)first * w.K / 32) : null,
            Data = CpuBuffer.Of<byte>(w.Data, w.Format, (long)w.N * w.K),
            Scales = w.Scale is null ? null : CpuBuffer.Of<ushort>(w.Scale, DType.BF16, w.N * QuantBlocks.RowScales(w.Format, w.K)),
            Y = CpuBuffer.Of<float>(y, DType.F32, (long)T * w.N),
            Format = w.Format,
            T = T,
            N = w.N,
            K = w.K,
        };
        pool.Run(ref work, w.N);
    }

    private struct Work : IRowWork
    {
        public float* X;
        public sbyte* Q;
        public float* Unit;
        public byte* Data;
        public ushort* Scales;
        public float* Y;
        public DType Format;
        public int T;
        public int N;
        public int K;

        public readonly void Rows(int first, int end, int worker)
        {
            for (int n = first; n < end; n++)
            {
                ReadOnlySpan<byte> data = new(Data + (n * QuantBlocks.RowBytes(Format, K)), (int)QuantBlocks.RowBytes(Format, K));
                ReadOnlySpan<ushort> scales = new(Scales + (n * QuantBlocks.RowScales(Format, K)), (int)QuantBlocks.RowScales(Format, K));
                for (int t = 0; t < T; t++)
                {
                    double sum = 0;
                    for (int k = 0; k < K; k++)
                    {
                        double x = Q == null
                            ? X[((long)t * K) + k]
                            : (double)Q[((long)t * K) + QuantizeRows.Order(Format, k)] * Unit[(((long)t * K) + k) / 32];
                        sum += x * QuantBlocks.Value(Format, data, scales, K, 0, k);
                    }

                    Y[((long)t * N) + n] = (float)sum;
                }
            }
        }
    }
}
