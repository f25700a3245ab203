using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: D width of a row.

/// <summary>SIMD twin of <see cref="AddPositions"/>: a patch is one unit.</summary>
internal static unsafe class AddPositionsCpu
{
    public static void Run<L, TF>(RowPartition pool, in AddPositions.Args args)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        int patches = args.Rows * args.Columns;
        Work<L, TF> work = new()
        {
            X = CpuBuffer.Of<float>(args.X, DType.F32, (long)patches * args.D),
            Table = CpuBuffer.Of<ushort>(args.Table, DType.BF16, 2L * Math.Max(args.Rows, args.Columns) * args.D),
            Columns = args.Columns,
            D = args.D,
        };
        pool.Run(ref work, patches);
    }

    private struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public float* X;
        public ushort* Table;
        public int Columns;
        public int D;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            for (int p = first; p < end; p++)
            {
                float* x = X + ((long)p * D);
                ushort* column = Table + (2L * (p % Columns) * D);
                ushort* row = Table + (((2L * (p / Columns)) + 1) * D);
                int d = 0;
                for (; d + L.Count <= D; d += L.Count)
                {
                    TF position = L.Add(L.LoadBFloat16(column + d), L.LoadBFloat16(row + d));
                    L.Store(L.Add(L.Load(x + d), position), x + d);
                }

                for (; d < D; d++)
                {
                    x[d] += BFloat16.ToSingle(column[d]) + BFloat16.ToSingle(row[d]);
                }
            }
        }
    }
}
