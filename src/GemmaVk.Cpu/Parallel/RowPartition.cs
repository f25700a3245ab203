using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace GemmaVk.Cpu.Parallel;

/// <summary>
/// A fixed set of threads that share the units of a kernel by index: worker w of n does units
/// [units * w / n, units * (w + 1) / n). The calling thread is worker 0. One caller at a time.
/// </summary>
/// <remarks>
/// Kernels of one pass follow each other within microseconds, and waking a sleeping thread costs tens of them: so a
/// worker spins for a short while after each kernel and only then sleeps. An idle pool uses no time.
/// </remarks>
internal sealed unsafe class RowPartition : IDisposable
{
    /// <summary>How long a worker looks for the next kernel before it sleeps.</summary>
    private static readonly long _spinTicks = Stopwatch.Frequency / 1_000_000 * 60;

    private readonly Thread[] _workers;
    private readonly SemaphoreSlim[] _wake;
    private readonly int[] _asleep;
    private readonly Lock _failureLock = new();
    private List<ExceptionDispatchInfo>? _failures;

    // The kernel on offer. Written before _generation, read after it.
    private delegate*<void*, int, int, int, void> _entry;
    private void* _work;
    private int _units;

    private volatile int _generation;
    private volatile int _pending;
    private volatile bool _stopping;

    /// <summary>Starts <paramref name="threads"/> - 1 workers.</summary>
    public RowPartition(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        _workers = new Thread[threads - 1];
        _wake = new SemaphoreSlim[threads - 1];
        _asleep = new int[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            int index = i;
            _wake[i] = new SemaphoreSlim(0);
            _workers[i] = new Thread(() => Serve(index)) { IsBackground = true, Name = $"gemmavk-cpu-{i + 1}" };
            _workers[i].Start();
        }
    }

    /// <summary>Number of workers, the caller included.</summary>
    public int Threads { get; }

    /// <summary>
    /// Does all units and returns when they are done. With fewer than <paramref name="least"/> units the caller does
    /// them alone. An exception of any worker is thrown here, after all have finished.
    /// </summary>
    public void Run<TWork>(ref TWork work, int units, int least = 2)
        where TWork : unmanaged, IRowWork
    {
        if (units <= 0)
        {
            return;
        }

        if (_workers.Length == 0 || units < least)
        {
            work.Rows(0, units, 0);
            return;
        }

        fixed (TWork* pinned = &work)
        {
            Offer(&Enter<TWork>, pinned, units);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        Interlocked.Increment(ref _generation);
        foreach (SemaphoreSlim wake in _wake)
        {
            wake.Release();
        }

        foreach (Thread worker in _workers)
        {
            worker.Join();
        }

        foreach (SemaphoreSlim wake in _wake)
        {
            wake.Dispose();
        }
    }

    private static void Enter<TWork>(void* work, int first, int end, int worker)
        where TWork : unmanaged, IRowWork => ((TWork*)work)->Rows(first, end, worker);

    private void Offer(delegate*<void*, int, int, int, void> entry, void* work, int units)
    {
        _entry = entry;
        _work = work;
        _units = units;
        _pending = _workers.Length;
        // A full fence: the offer must be visible before we look who sleeps, and a worker says that it sleeps before it
        // looks for an offer a last time. So one of the two always sees the other.
        Interlocked.Increment(ref _generation);
        for (int i = 0; i < _asleep.Length; i++)
        {
            if (Volatile.Read(ref _asleep[i]) == 1 && Interlocked.Exchange(ref _asleep[i], 0) == 1)
            {
                _wake[i].Release();
            }
        }

        Share(0);
        int spins = 0;
        while (_pending != 0)
        {
            // A worker that lost its core to another process needs ours.
            if (++spins > 20_000)
            {
                Thread.Yield();
            }
            else
            {
                Thread.SpinWait(1);
            }
        }

        if (_failures is { } failures)
        {
            _failures = null;
            failures[0].Throw();
        }
    }

    private void Share(int worker)
    {
        int first = (int)((long)_units * worker / Threads);
        int end = (int)((long)_units * (worker + 1) / Threads);
        if (first == end)
        {
            return;
        }

        try
        {
            _entry(_work, first, end, worker);
        }
        catch (Exception e)
        {
            lock (_failureLock)
            {
                (_failures ??= []).Add(ExceptionDispatchInfo.Capture(e));
            }
        }
    }

    private void Serve(int index)
    {
        int seen = 0;
        while (true)
        {
            Await(index, seen);
            // A caller that lost its core while it looked who sleeps may wake a worker that has done this offer already.
            if (_generation == seen)
            {
                continue;
            }

            // The caller waits for every worker before the next offer, so no generation can be missed.
            seen = _generation;
            if (_stopping)
            {
                return;
            }

            Share(index + 1);
            Interlocked.Decrement(ref _pending);
        }
    }

    private void Await(int index, int seen)
    {
        long until = Stopwatch.GetTimestamp() + _spinTicks;
        while (Stopwatch.GetTimestamp() < until)
        {
            for (int i = 0; i < 32; i++)
            {
                if (_generation != seen)
                {
                    return;
                }

                Thread.SpinWait(1);
            }
        }

        Interlocked.Exchange(ref _asleep[index], 1);
        if (_generation != seen && Interlocked.Exchange(ref _asleep[index], 0) == 1)
        {
            return;
        }

        _wake[index].Wait();
    }
}
