using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T tokens in this pass, H heads, W head width.

/// <summary>SIMD twin of <see cref="Rope"/>: a head of a token is one unit.</summary>
internal static unsafe class RopeCpu
{
    public static void Run<L, TF>(RowPartition pool, in Rope.Args args)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        long count = (long)args.T * args.H * args.W;
        Work<L, TF> work = new()
        {
            X = CpuBuffer.Of<float>(args.X, DType.F32, count),
            Angles = CpuBuffer.Of<float>(args.Angles, DType.F32, (long)args.T * args.W),
            Y = CpuBuffer.Of<float>(args.Y, DType.F32, count),
            H = args.H,
            W = args.W,
        };
        pool.Run(ref work, args.T * args.H, least: 64);
    }

    /// <summary>Rotates one head: y may be x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Rotate<L, TF>(float* x, float* angles, float* y, int W)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        int half = W / 2;
        int i = 0;
        for (; i + L.Count <= half; i += L.Count)
        {
            TF a = L.Load(x + i);
            TF b = L.Load(x + half + i);
            TF cos = L.Load(angles + i);
            TF sin = L.Load(angles + half + i);
            L.Store(L.Subtract(L.Multiply(a, cos), L.Multiply(b, sin)), y + i);
            L.Store(L.Fma(b, cos, L.Multiply(a, sin)), y + half + i);
        }

        for (; i < half; i++)
        {
            float a = x[i];
            float b = x[half + i];
            y[i] = (a * angles[i]) - (b * angles[half + i]);
            y[half + i] = (b * angles[i]) + (a * angles[half + i]);
        }
    }

    private struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public float* X;
        public float* Angles;
        public float* Y;
        public int H;
        public int W;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            for (long row = first; row < end; row++)
            {
                Rotate<L, TF>(X + (row * W), Angles + (row / H * W), Y + (row * W), W);
            }
        }
    }
}
