using System;
using System.Diagnostics;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Xunit;
using Xunit.Abstractions;

namespace GemmaVk.Cpu.Tests;

/// <summary>
/// Threads on processors that are not theirs alone. Results are the same bits always; times are printed, and bounded only far above what
/// is right, because this machine may have other work. Masks and load are those of the process, so no other test runs meanwhile.
/// </summary>
[Collection(nameof(IdlePoolTests))]
public sealed partial class CrowdedPoolTests(ITestOutputHelper output)
{
    private const int N = 4096, K = 1024;

    [Fact]
    public void A_foreign_process_on_one_processor_holds_up_little()
    {
        if (!OperatingSystem.IsLinux())
        {
            // Pinning takes Linux' taskset.
            Assert.Null(Affinity.Processors());
            return;
        }

        using CpuBackend backend = new();
        using Products products = new(backend);
        (float[] alone, double usual) = products.Run();
        using Process foreign = Process.Start(new ProcessStartInfo("taskset", ["-c", Processors()[0].ToString(), "sh", "-c", "while :; do :; done"]))!;
        try
        {
            Thread.Sleep(50);
            (float[] beside, double crowded) = products.Run();
            output.WriteLine($"a pass takes {usual:0.000} ms alone, {crowded:0.000} ms beside a foreign process: {crowded / usual:0.00} times");
            Assert.Equal(alone, beside);
            Assert.InRange(crowded, 0, 20 * usual);
        }
        finally
        {
            foreign.Kill();
            foreign.WaitForExit();
        }
    }

    [Fact]
    public void Processors_that_are_taken_away_are_not_waited_for()
    {
        using CpuBackend backend = new();
        using Products products = new(backend);
        (float[] before, double usual) = products.Run();
        if (!OperatingSystem.IsLinux())
        {
            Assert.Null(Affinity.Processors());
            return;
        }

        // The caller keeps one processor; its thread ends with the test.
        OnThread(() =>
        {
            Pin(Processors()[0]);
            Assert.Equal(1, Affinity.Processors());
            (float[] after, double fewer) = products.Run();
            output.WriteLine($"a pass takes {usual:0.000} ms on {backend.Threads} processors, {fewer:0.000} ms on one: {fewer / usual:0.00} times");
            Assert.Equal(before, after);
            Assert.InRange(fewer, 0, 20 * usual);
        });
        Assert.Equal(before, products.Run().Result);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(64)]
    public unsafe void Threads_that_share_one_processor_take_turns(int threads)
    {
        OnThread(() =>
        {
            if (OperatingSystem.IsLinux())
            {
                Pin(Processors()[0]);
            }

            // Made by a thread with a mask of one, all of its workers have that mask; nothing tells the pool.
            using RowPartition pool = new(threads);
            int* sums = stackalloc int[256];
            Adding work = new() { Sums = sums };
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < 200; i++)
            {
                pool.Run(ref work, 256);
            }

            TimeSpan took = Stopwatch.GetElapsedTime(start);
            output.WriteLine($"200 kernels on {threads} threads of one processor: {took.TotalMilliseconds:0.0} ms");
            for (int i = 0; i < 256; i++)
            {
                Assert.Equal(200, sums[i]);
            }

            Assert.InRange(took.TotalSeconds, 0, 60);
        });
    }

    [Fact]
    public unsafe void Fewer_workers_share_the_same_work()
    {
        using RowPartition pool = new(5);
        int* sums = stackalloc int[100];
        Adding work = new() { Sums = sums };
        int[] active = [5, 1, 3, 0, 9, 2];
        foreach (int count in active)
        {
            pool.Active = count;
            Assert.Equal(Math.Clamp(count, 1, 5), pool.Active);
            pool.Run(ref work, 100, piece: 3);
        }

        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(active.Length, sums[i]);
        }
    }

    private static void OnThread(Action action)
    {
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            throw new InvalidOperationException(failure.Message, failure);
        }
    }

    /// <summary>Numbers of the processors that this thread may run on.</summary>
    private static unsafe int[] Processors()
    {
        ulong* mask = stackalloc ulong[16];
        Assert.True(Get(0, 128, mask) >= 0);
        ulong[] words = new ReadOnlySpan<ulong>(mask, 16).ToArray();
        return [.. Enumerable.Range(0, 1024).Where(processor => (words[processor / 64] >> (processor % 64) & 1) != 0)];
    }

    private static unsafe void Pin(int processor)
    {
        ulong* mask = stackalloc ulong[16];
        new Span<ulong>(mask, 16).Clear();
        mask[processor / 64] = 1UL << (processor % 64);
        Assert.Equal(0, Set(0, 128, mask));
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static unsafe partial int Set(int thread, nuint bytes, ulong* mask);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static unsafe partial int Get(int thread, nuint bytes, ulong* mask);

    private unsafe struct Adding : IRowWork
    {
        public int* Sums;

        public readonly void Rows(int first, int end, int worker)
        {
            for (int i = first; i < end; i++)
            {
                Sums[i]++;
            }
        }
    }

    /// <summary>A product that is large enough to be shared, and its time.</summary>
    private sealed class Products : IDisposable
    {
        private readonly CpuBackend _backend;
        private readonly WeightMatrix _w;
        private readonly BufferHandle _x;
        private readonly BufferHandle _y;
        private readonly IRecording _pass;

        public Products(CpuBackend backend)
        {
            _backend = backend;
            _w = backend.Place(new Counted());
            _x = backend.Allocate("x", DType.F32, new Shape(1, K));
            _y = backend.Allocate("y", DType.F32, new Shape(1, N));
            backend.Write<float>(_x, [.. Enumerable.Range(0, K).Select(i => ((i * 7 % 13) - 6) / 8f)]);
            _pass = backend.Record("product", pass => pass.MatVec(new(new Activations(_x), _w, _y, 1)));
        }

        /// <summary>The result, and the middle of the times of forty passes in milliseconds.</summary>
        public (float[] Result, double Milliseconds) Run()
        {
            double[] times = new double[40];
            for (int i = 0; i < times.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                _backend.Run(_pass);
                times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }

            float[] y = new float[N];
            _backend.Read(_y, y.AsSpan());
            return (y, times.Order().ElementAt(times.Length / 2));
        }

        public void Dispose()
        {
            _pass.Dispose();
            _y.Dispose();
            _x.Dispose();
            _w.Dispose();
        }
    }

    private sealed class Counted : MatrixSource
    {
        public override string Name => "counted";

        public override DType Format => DType.F32;

        public override int Rows => N;

        public override int Columns => K;

        public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale)
        {
            Span<float> values = MemoryMarshal.Cast<byte, float>(data);
            for (int i = 0; i < count * K; i++)
            {
                values[i] = ((((first * K) + i) % 31) - 15) / 16f;
            }
        }
    }
}
