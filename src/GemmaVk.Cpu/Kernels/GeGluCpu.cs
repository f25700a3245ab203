using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T tokens in this pass, F FFN size.

/// <summary>SIMD twin of <see cref="GeGlu"/>: blocks of elements.</summary>
internal static unsafe class GeGluCpu
{
    private const int Block = 512;

    public static void Run<L, TF>(RowPartition pool, in GeGlu.Args args)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        long count = (long)args.T * args.F;
        Work<L, TF> work = new()
        {
            Gate = CpuBuffer.Of<float>(args.Gate, DType.F32, count),
            Up = CpuBuffer.Of<float>(args.Up, DType.F32, count),
            Y = CpuBuffer.Of<float>(args.Y, DType.F32, count),
            Count = count,
        };
        pool.Run(ref work, (int)((count + Block - 1) / Block), least: 8);
    }

    /// <summary>gelu(z) * up, with 0.5 (1 + tanh u) written as 1 / (1 + e^-2u): nothing cancels for negative u.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TF Gated<L, TF>(TF z, TF up)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        // -2 sqrt(2/pi) (z + 0.044715 z^3)
        TF square = L.Multiply(z, z);
        TF exponent = L.Multiply(z, L.Fma(square, L.Create(-0.07135481627f), L.Create(-1.595769122f)));
        TF gelu = L.Divide(z, L.Add(L.Create(1f), VectorOps.Exp<L, TF>(exponent)));
        return L.Multiply(gelu, up);
    }

    private struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public float* Gate;
        public float* Up;
        public float* Y;
        public long Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            long i = (long)first * Block;
            long stop = Math.Min((long)end * Block, Count);
            for (; i + L.Count <= stop; i += L.Count)
            {
                L.Store(Gated<L, TF>(L.Load(Gate + i), L.Load(Up + i)), Y + i);
            }

            float* lane = stackalloc float[L.Count];
            for (; i < stop; i++)
            {
                L.Store(Gated<L, TF>(L.Create(Gate[i]), L.Create(Up[i])), lane);
                Y[i] = *lane;
            }
        }
    }
}
