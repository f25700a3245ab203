using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T tokens in this pass, D hidden size.

/// <summary>SIMD twin of <see cref="AddRmsNorm"/>: a row is one unit, and is in the first-level cache for both norms.</summary>
internal static unsafe class AddRmsNormCpu
{
    public static void Run<L, TF>(RowPartition pool, in AddRmsNorm.Args args)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        long count = (long)args.T * args.D;
        Work<L, TF> work = new()
        {
            X = CpuBuffer.Of<float>(args.X, DType.F32, count),
            Y = CpuBuffer.Of<float>(args.Y, DType.F32, count),
            PostWeight = CpuBuffer.Of<float>(args.PostWeight, DType.F32, args.D),
            NextWeight = CpuBuffer.Of<float>(args.NextWeight, DType.F32, args.D),
            A = CpuBuffer.Of<float>(args.A, DType.F32, count),
            Scale = args.Scale,
            D = args.D,
            Eps = args.Eps,
        };
        pool.Run(ref work, args.T);
    }

    private struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public float* X;
        public float* Y;
        public float* PostWeight;
        public float* NextWeight;
        public float* A;
        public float Scale;
        public int D;
        public float Eps;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            for (long t = first; t < end; t++)
            {
                float* x = X + (t * D);
                float* y = Y + (t * D);
                float inverse = VectorOps.InverseRms<L, TF>(y, D, Eps);
                TF factor = L.Create(inverse);
                TF scale = L.Create(Scale);
                int d = 0;
                for (; d + L.Count <= D; d += L.Count)
                {
                    TF normed = L.Multiply(L.Multiply(L.Load(y + d), factor), L.Load(PostWeight + d));
                    L.Store(L.Multiply(L.Add(L.Load(x + d), normed), scale), x + d);
                }

                for (; d < D; d++)
                {
                    x[d] = (x[d] + (y[d] * inverse * PostWeight[d])) * Scale;
                }

                VectorOps.Scale<L, TF>(x, VectorOps.InverseRms<L, TF>(x, D, Eps), NextWeight, A + (t * D), D);
            }
        }
    }
}
