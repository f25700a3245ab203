using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu;

/// <summary>What the cores give in arithmetic alone, with the vectors that the kernels use, and what handing a kernel to them costs.</summary>
internal sealed class Peaks(RowPartition pool, InstructionSet instructions)
{
    private const int Rounds = 100_000;
    private const int UnitsPerThread = 8;
    private const int Tries = 5;
    private const int Calls = 1000;

    // Chains that hide the latency of an instruction which takes four cycles and starts twice per cycle.
    private const int Chains = 8;

    /// <summary>Additions and multiplications of floats per second.</summary>
    public double F32() => instructions switch
    {
        InstructionSet.Avx512 => Rate(default(Floats<Lanes512, Vector512<float>>), 2 * Chains * Lanes512.Count),
        InstructionSet.Avx2 => Rate(default(Floats<Lanes256, Vector256<float>>), 2 * Chains * Lanes256.Count),
        _ => Rate(default(Floats<Lanes128, Vector128<float>>), 2 * Chains * Lanes128.Count),
    };

    /// <summary>The same for dot products of bytes.</summary>
    public double Int8() => instructions switch
    {
        InstructionSet.Avx512 => Rate(default(Dots<Lanes512, Vector512<float>, Vector512<byte>>), 2 * Chains * 4 * Lanes512.Count),
        InstructionSet.Avx2 => Rate(default(Dots<Lanes256, Vector256<float>, Vector256<byte>>), 2 * Chains * 4 * Lanes256.Count),
        _ => Rate(default(Dots<Lanes128, Vector128<float>, Vector128<byte>>), 2 * Chains * 4 * Lanes128.Count),
    };

    /// <summary>Seconds of a kernel that does nothing, among others.</summary>
    public double Call()
    {
        Nothing work = default;
        double best = double.PositiveInfinity;
        for (int i = 0; i < Tries; i++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int call = 0; call < Calls; call++)
            {
                pool.Run(ref work, pool.Threads);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds / Calls);
        }

        return best;
    }

    private double Rate<TWork>(TWork work, double perRound)
        where TWork : unmanaged, IRowWork
    {
        int units = pool.Threads * UnitsPerThread;
        double best = double.PositiveInfinity;
        for (int i = 0; i < Tries; i++)
        {
            long start = Stopwatch.GetTimestamp();
            pool.Run(ref work, units);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return units * (double)Rounds * perRound / best;
    }

    private struct Nothing : IRowWork
    {
        public readonly void Rows(int first, int end, int worker)
        {
            // What is measured is how it gets here.
        }
    }

    private struct Floats<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        private float _kept;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Rows(int first, int end, int worker)
        {
            TF b = L.Create(0.5f), c = L.Create(0.25f);
            TF a0 = L.Create(first), a1 = L.Create(1), a2 = L.Create(2), a3 = L.Create(3), a4 = L.Create(4), a5 = L.Create(5), a6 = L.Create(6), a7 = L.Create(7);
            for (long round = (long)(end - first) * Rounds; round > 0; round--)
            {
                a0 = L.Fma(a0, b, c);
                a1 = L.Fma(a1, b, c);
                a2 = L.Fma(a2, b, c);
                a3 = L.Fma(a3, b, c);
                a4 = L.Fma(a4, b, c);
                a5 = L.Fma(a5, b, c);
                a6 = L.Fma(a6, b, c);
                a7 = L.Fma(a7, b, c);
            }

            _kept = L.Sum(L.Add(L.Add(L.Add(a0, a1), L.Add(a2, a3)), L.Add(L.Add(a4, a5), L.Add(a6, a7))));
        }
    }

    private struct Dots<L, TF, TB> : IRowWork
        where L : struct, IDotLanes<TF, TB>
        where TF : unmanaged
        where TB : unmanaged
    {
        private float _kept;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Rows(int first, int end, int worker)
        {
            // Each chain's sum is its next operand: a product that never changed could be taken out of the loop.
            TB b = L.Same(1), a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
            for (long round = (long)(end - first) * Rounds; round > 0; round--)
            {
                a0 = L.AddDots(a0, a0, b);
                a1 = L.AddDots(a1, a1, b);
                a2 = L.AddDots(a2, a2, b);
                a3 = L.AddDots(a3, a3, b);
                a4 = L.AddDots(a4, a4, b);
                a5 = L.AddDots(a5, a5, b);
                a6 = L.AddDots(a6, a6, b);
                a7 = L.AddDots(a7, a7, b);
            }

            TB all = L.AddSums(L.AddSums(L.AddSums(a0, a1), L.AddSums(a2, a3)), L.AddSums(L.AddSums(a4, a5), L.AddSums(a6, a7)));
            _kept = L.Sum(L.ToFloats(all));
        }
    }
}
