using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: R rows, D width of a row.

/// <summary>SIMD twin of <see cref="LayerNorm"/>: a row is one unit, walked once per sum and once to scale.</summary>
internal static unsafe class LayerNormCpu
{
    public static void Run<L, TF>(RowPartition pool, in LayerNorm.Args args)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        long count = (long)args.R * args.D;
        Work<L, TF> work = new()
        {
            X = CpuBuffer.Of<float>(args.X, DType.F32, count),
            InputBias = args.InputBias is null ? null : CpuBuffer.Of<float>(args.InputBias, DType.F32, args.D),
            Weight = CpuBuffer.Of<float>(args.Weight, DType.F32, args.D),
            Bias = CpuBuffer.Of<float>(args.Bias, DType.F32, args.D),
            Y = CpuBuffer.Of<float>(args.Y, DType.F32, count),
            D = args.D,
            Eps = args.Eps,
        };
        pool.Run(ref work, args.R);
    }

    private struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public float* X;
        public float* InputBias;
        public float* Weight;
        public float* Bias;
        public float* Y;
        public int D;
        public float Eps;

        public readonly void Rows(int first, int end, int worker)
        {
            for (long r = first; r < end; r++)
            {
                float* y = Y + (r * D);
                float* z = X + (r * D);
                if (InputBias != null)
                {
                    Add(z, InputBias, y);
                    z = y;
                }

                float mean = (float)(Sum(z) / (double)D);
                float inverse = (float)(1.0 / Math.Sqrt((SumOfSquares(z, mean) / (double)D) + Eps));
                Scale(z, mean, inverse, y);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Add(float* a, float* b, float* y)
        {
            int d = 0;
            for (; d + L.Count <= D; d += L.Count)
            {
                L.Store(L.Add(L.Load(a + d), L.Load(b + d)), y + d);
            }

            for (; d < D; d++)
            {
                y[d] = a[d] + b[d];
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly float Sum(float* z)
        {
            TF sums = L.Zero;
            int d = 0;
            for (; d + L.Count <= D; d += L.Count)
            {
                sums = L.Add(sums, L.Load(z + d));
            }

            float sum = L.Sum(sums);
            for (; d < D; d++)
            {
                sum += z[d];
            }

            return sum;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly float SumOfSquares(float* z, float mean)
        {
            TF middle = L.Create(mean);
            TF sums = L.Zero;
            int d = 0;
            for (; d + L.Count <= D; d += L.Count)
            {
                TF difference = L.Subtract(L.Load(z + d), middle);
                sums = L.Fma(difference, difference, sums);
            }

            float sum = L.Sum(sums);
            for (; d < D; d++)
            {
                sum += (z[d] - mean) * (z[d] - mean);
            }

            return sum;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Scale(float* z, float mean, float inverse, float* y)
        {
            TF middle = L.Create(mean);
            TF factor = L.Create(inverse);
            int d = 0;
            for (; d + L.Count <= D; d += L.Count)
            {
                TF normed = L.Multiply(L.Subtract(L.Load(z + d), middle), factor);
                L.Store(L.Add(L.Multiply(normed, L.Load(Weight + d)), L.Load(Bias + d)), y + d);
            }

            for (; d < D; d++)
            {
                y[d] = ((z[d] - mean) * inverse * Weight[d]) + Bias[d];
            }
        }
    }
}
