using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading;
using GemmaVk.Cpu.Parallel;
using Xunit;

namespace GemmaVk.Cpu.Tests;

public class RowPartitionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public unsafe void EveryUnitIsDoneOnce(int threads)
    {
        using RowPartition pool = new(threads);
        int[] done = new int[100];
        fixed (int* counts = done)
        {
            for (int units = 0; units <= 100; units++)
            {
                Array.Clear(done);
                Counting work = new() { Counts = counts };
                pool.Run(ref work, units);
                for (int i = 0; i < 100; i++)
                {
                    Assert.Equal(i < units ? 1 : 0, done[i]);
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public unsafe void EveryUnitIsDoneOnceInPieces(int threads)
    {
        using RowPartition pool = new(threads);
        int[] done = new int[100];
        fixed (int* counts = done)
        {
            for (int units = 0; units <= 100; units++)
            {
                foreach (int piece in new[] { 1, 2, 7, 16, 200 })
                {
                    Array.Clear(done);
                    Counting work = new() { Counts = counts };
                    pool.Run(ref work, units, piece: piece);
                    for (int i = 0; i < 100; i++)
                    {
                        Assert.Equal(i < units ? 1 : 0, done[i]);
                    }
                }
            }
        }
    }

    /// <summary>In pieces of the kernel's own choice, and in those that one which chooses none is given.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 4)]
    public unsafe void AWorkerThatIsHeldUpHoldsUpNobody(int piece, int units)
    {
        using RowPartition pool = new(2);
        int[] done = new int[64];
        fixed (int* counts = done)
        {
            // The worker waits in its first piece until the caller has done all others, its own part and the worker's.
            Blocking work = new() { Counts = counts, Caller = Environment.CurrentManagedThreadId, Others = 64 - units };
            pool.Run(ref work, 64, piece: piece);
        }

        Assert.All(done, count => Assert.Equal(1, count));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    public unsafe void ManyShortKernelsWithPausesBetween(int threads)
    {
        using RowPartition pool = new(threads);
        int[] done = new int[threads];
        fixed (int* counts = done)
        {
            Counting work = new() { Counts = counts };
            for (int i = 0; i < 3000; i++)
            {
                pool.Run(ref work, threads, piece: i & 1);
                if (i % 300 == 0)
                {
                    // Long enough for the workers to sleep.
                    Thread.Sleep(2);
                }
            }
        }

        Assert.All(done, count => Assert.Equal(3000, count));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void AnExceptionOfAnyWorkerReachesTheCallerAndThePoolLivesOn(int failing)
    {
        using RowPartition pool = new(2);
        Failing work = new() { Unit = failing };
        Assert.Equal($"unit {failing}", Assert.Throws<InvalidOperationException>(() => pool.Run(ref work, 10)).Message);
        Assert.Equal($"unit {failing}", Assert.Throws<InvalidOperationException>(() => pool.Run(ref work, 10, piece: 1)).Message);
        work.Unit = -1;
        pool.Run(ref work, 10);
    }

    [Fact]
    public void RunningAllocatesNothing()
    {
        using RowPartition pool = new(2);
        Run(1);
        Assert.Equal(0, Allocation.Least(() => Run(100)));

        void Run(int times)
        {
            // On the stack, where it stays while the others look at it.
            Failing work = new() { Unit = -1 };
            for (int i = 0; i < times; i++)
            {
                pool.Run(ref work, 10);
            }
        }
    }

    private unsafe struct Counting : IRowWork
    {
        public int* Counts;

        public readonly void Rows(int first, int end, int worker)
        {
            for (int i = first; i < end; i++)
            {
                Interlocked.Increment(ref Unsafe.AsRef<int>(Counts + i));
            }
        }
    }

    private unsafe struct Blocking : IRowWork
    {
        public int* Counts;
        public int Caller;
        public int Others;

        public readonly void Rows(int first, int end, int worker)
        {
            if (worker != 0)
            {
                long start = Stopwatch.GetTimestamp();
                while (Done() < Others && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30))
                {
                    Thread.Sleep(1);
                }

                Assert.Equal(Others, Done());
            }

            Assert.Equal(worker == 0, Environment.CurrentManagedThreadId == Caller);
            for (int i = first; i < end; i++)
            {
                Interlocked.Increment(ref Unsafe.AsRef<int>(Counts + i));
            }
        }

        private readonly int Done()
        {
            int sum = 0;
            for (int i = 0; i < 64; i++)
            {
                sum += Volatile.Read(ref Counts[i]);
            }

            return sum;
        }
    }

    private struct Failing : IRowWork
    {
        public int Unit;

        public readonly void Rows(int first, int end, int worker)
        {
            if (Unit >= first && Unit < end)
            {
                throw new InvalidOperationException($"unit {Unit}");
            }
        }
    }
}
