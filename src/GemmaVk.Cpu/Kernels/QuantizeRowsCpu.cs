using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T tokens in this pass, K columns, g group of 32 columns.

/// <summary>SIMD twin of <see cref="QuantizeRows"/>: a group is one unit, as rows follow each other without gaps.</summary>
internal static unsafe class QuantizeRowsCpu
{
    /// <summary>Rounds rows <paramref name="from"/> .. from + T - 1.</summary>
    public static void Run<L, TF>(RowPartition pool, in QuantizeRows.Args args, int from = 0)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        long count = (long)args.T * args.K;
        int groups = (int)(count / QuantBlocks.GroupSize);
        long before = (long)from * args.K;
        long groupsBefore = before / QuantBlocks.GroupSize;
        Work<L, TF> work = new()
        {
            X = CpuBuffer.Of<float>(args.X, DType.F32, before + count) + before,
            Q = CpuBuffer.Of<sbyte>(args.Q.Data, DType.I8, before + count) + before,
            Unit = CpuBuffer.Of<float>(args.Q.Scale!, DType.F32, groupsBefore + groups) + groupsBefore,
            Sum = CpuBuffer.Of<float>(args.Q.Sum!, DType.F32, groupsBefore + groups) + groupsBefore,
            EvensFirst = QuantBlocks.HasNibbles(args.ForFormat),
        };
        pool.Run(ref work, groups, least: 256);
    }

    private struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public float* X;
        public sbyte* Q;
        public float* Unit;
        public float* Sum;
        public bool EvensFirst;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            TF limit = L.Create(127f);
            TF least = L.Create(-127f);
            for (long g = first; g < end; g++)
            {
                float* x = X + (g * 32);
                sbyte* q = Q + (g * 32);
                TF largest = L.Zero, poison = L.Zero;
                for (int c = 0; c < 32; c += L.Count)
                {
                    // A maximum passes NaN over; zero times it does not.
                    TF value = L.Load(x + c);
                    largest = L.Max(L.Abs(value), largest);
                    poison = L.Fma(value, L.Zero, poison);
                }

                float absmax = L.Largest(largest);
                TF inverse = L.Create(absmax == 0 ? 0 : 127f / absmax);
                TF total = L.Zero;
                for (int c = 0; c < 32; c += L.Count)
                {
                    TF step = L.Max(L.Min(L.Round(L.Multiply(L.Load(x + c), inverse)), limit), least);
                    total = L.Add(total, step);
                    L.StoreBytes(step, q + c);
                }

                Unit[g] = (absmax / 127f) + L.Sum(poison);
                Sum[g] = Unit[g] * L.Sum(total);
                if (EvensFirst)
                {
                    Vector128<ushort> low = Vector128.Load((ushort*)q);
                    Vector128<ushort> high = Vector128.Load((ushort*)(q + 16));
                    Vector128<ushort> mask = Vector128.Create((ushort)0xFF);
                    Vector128.Narrow(low & mask, high & mask).Store((byte*)q);
                    Vector128.Narrow(low >>> 8, high >>> 8).Store((byte*)q + 16);
                }
            }
        }
    }
}
