using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T tokens in this pass, H heads, W head width.

/// <summary>SIMD twin of <see cref="RmsNormRope"/>: a head of a token is one unit.</summary>
internal static unsafe class RmsNormRopeCpu
{
    /// <summary>Norms and turns the heads of tokens <paramref name="from"/> .. from + T - 1.</summary>
    public static void Run<L, TF>(RowPartition pool, in RmsNormRope.Args args, int from = 0)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        long count = (long)args.T * args.H * args.W;
        long before = (long)from * args.H * args.W;
        Work<L, TF> work = new()
        {
            X = CpuBuffer.Of<float>(args.X, DType.F32, before + count) + before,
            Weight = CpuBuffer.Of<float>(args.Weight, DType.F32, args.W),
            Angles = CpuBuffer.Of<float>(args.Angles, DType.F32, (long)(from + args.T) * args.W) + ((long)from * args.W),
            Y = CpuBuffer.Of<float>(args.Y, DType.F32, before + count) + before,
            H = args.H,
            W = args.W,
            Eps = args.Eps,
        };
        pool.Run(ref work, args.T * args.H, least: 32);
    }

    private struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public float* X;
        public float* Weight;
        public float* Angles;
        public float* Y;
        public int H;
        public int W;
        public float Eps;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            for (long row = first; row < end; row++)
            {
                float* x = X + (row * W);
                float* y = Y + (row * W);
                VectorOps.Scale<L, TF>(x, VectorOps.InverseRms<L, TF>(x, W, Eps), Weight, y, W);
                RopeCpu.Rotate<L, TF>(y, Angles + (row / H * W), y, W);
            }
        }
    }
}
