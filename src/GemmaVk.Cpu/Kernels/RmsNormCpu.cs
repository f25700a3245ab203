using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: R rows, D width of a row.

/// <summary>SIMD twin of <see cref="RmsNorm"/>: a row is one unit.</summary>
internal static unsafe class RmsNormCpu
{
    /// <summary>Norms rows <paramref name="from"/> .. from + R - 1.</summary>
    public static void Run<L, TF>(RowPartition pool, in RmsNorm.Args args, int from = 0)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        long count = (long)args.R * args.D;
        long before = (long)from * args.D;
        Work<L, TF> work = new()
        {
            X = CpuBuffer.Of<float>(args.X, DType.F32, before + count) + before,
            Weight = args.Weight is null ? null : CpuBuffer.Of<float>(args.Weight, DType.F32, args.D),
            Y = CpuBuffer.Of<float>(args.Y, DType.F32, before + count) + before,
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
        public float* Weight;
        public float* Y;
        public int D;
        public float Eps;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            for (long r = first; r < end; r++)
            {
                float* x = X + (r * D);
                VectorOps.Scale<L, TF>(x, VectorOps.InverseRms<L, TF>(x, D, Eps), Weight, Y + (r * D), D);
            }
        }
    }
}
