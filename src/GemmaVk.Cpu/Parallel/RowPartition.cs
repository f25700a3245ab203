using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace GemmaVk.Cpu.Parallel;

/// <summary>
/// A fixed set of threads that share the units of a kernel by index: worker w of n does units
/// [units * w / n, units * (w + 1) / n), piece by piece. A worker that is done with the pieces of its own part
/// helps with those of the others, so that a core that another process disturbs does not hold up the rest. The calling
/// thread is worker 0. One caller at a time.
/// </summary>
/// <remarks>
/// Kernels of one pass follow each other within microseconds, and waking a sleeping thread costs tens of them: so a
/// worker spins for a short while after each kernel and only then sleeps. An idle pool uses no time. Fast and slow cores share by the same
/// pieces: who is faster takes more of them.
/// </remarks>
internal sealed unsafe class RowPartition : IDisposable
{
    private const int Idle = 0;
    private const int Offered = 1;
    private const int Busy = 2;
    // Where a kernel says nothing: so few that taking one costs nothing, so many that the last one does not matter.
    private const int PiecesPerThread = 8;
    private const int LineLongs = 8;
    private const int LineInts = 16;

    /// <summary>How long a worker looks for the next kernel before it sleeps.</summary>
    private static readonly long _spinTicks = Stopwatch.Frequency / 1_000_000 * 60;

    private readonly Thread[] _workers;
    private readonly SemaphoreSlim[] _wake;
    private readonly int[] _asleep;
    private readonly Lock _failureLock = new();
    private List<ExceptionDispatchInfo>? _failures;

    // The kernel on offer. Written before _state, read after it.
    private delegate*<void*, int, int, int, void> _entry;
    private void* _work;
    private int _units;
    private int _piece;

    // Per worker, a cache line each: the next unit of its part, and how far it is with the offer.
    private readonly long[] _next;
    private readonly int[] _state;

    // Workers that take part, the caller included. Written where nothing is on offer.
    private volatile int _active;

    private volatile int _generation;
    private volatile bool _stopping;

    /// <summary>Starts <paramref name="threads"/> - 1 workers.</summary>
    public RowPartition(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = _active = threads;
        _workers = new Thread[threads - 1];
        _wake = new SemaphoreSlim[threads - 1];
        _asleep = new int[threads - 1];
        _next = new long[(threads + 1) * LineLongs];
        _state = new int[(threads + 1) * LineInts];
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
    /// Workers that share what comes next, from 1 to <see cref="Threads"/>; the others sleep. Fewer where the process may use fewer
    /// processors than when it began: threads that take turns on one wait for each other. Results do not depend on it.
    /// </summary>
    public int Active
    {
        get => _active;
        set => _active = Math.Clamp(value, 1, Threads);
    }

    /// <summary>
    /// Does all units and returns when they are done. With fewer than <paramref name="least"/> units the caller does
    /// them alone. An exception of any worker is thrown here, after all have finished.
    /// </summary>
    /// <param name="work">What to do with them; called once per piece.</param>
    /// <param name="units">Number of units.</param>
    /// <param name="least">Fewest units that are worth sharing.</param>
    /// <param name="piece">Units per piece; 0 for an eighth of a part.</param>
    public void Run<TWork>(ref TWork work, int units, int least = 2, int piece = 0)
        where TWork : unmanaged, IRowWork
    {
        if (units <= 0)
        {
            return;
        }

        if (_active == 1 || units < least)
        {
            work.Rows(0, units, 0);
            return;
        }

        fixed (TWork* pinned = &work)
        {
            Offer(&Enter<TWork>, pinned, units, piece > 0 ? piece : Math.Max(1, units / (_active * PiecesPerThread)));
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

    private void Offer(delegate*<void*, int, int, int, void> entry, void* work, int units, int piece)
    {
        int active = _active;
        _entry = entry;
        _work = work;
        _units = units;
        _piece = piece;
        for (int worker = 0; worker < active; worker++)
        {
            _next[(worker + 1) * LineLongs] = First(worker);
        }

        // From here on a worker that is still awake may enter.
        for (int worker = 1; worker < active; worker++)
        {
            Volatile.Write(ref _state[(worker + 1) * LineInts], Offered);
        }

        // A full fence: the offer must be visible before we look who sleeps, and a worker says that it sleeps before it
        // looks for an offer a last time. So one of the two always sees the other.
        Interlocked.Increment(ref _generation);
        for (int i = 0; i < active - 1; i++)
        {
            if (Volatile.Read(ref _asleep[i]) == 1 && Interlocked.Exchange(ref _asleep[i], 0) == 1)
            {
                _wake[i].Release();
            }
        }

        Share(0);
        for (int worker = 1; worker < active; worker++)
        {
            Finish(ref _state[(worker + 1) * LineInts]);
        }

        if (_failures is { } failures)
        {
            _failures = null;
            failures[0].Throw();
        }
    }

    /// <summary>Waits for a worker, or takes back an offer that it has not seen yet and whose pieces are all taken.</summary>
    private void Finish(ref int state)
    {
        if (Interlocked.CompareExchange(ref state, Idle, Offered) == Offered)
        {
            return;
        }

        int spins = 0;
        while (Volatile.Read(ref state) != Idle)
        {
            // A worker that lost its core to another process needs ours.
            if (++spins > 2_000)
            {
                Thread.Yield();
            }
            else
            {
                Thread.SpinWait(1);
            }
        }
    }

    private void Share(int worker)
    {
        try
        {
            for (int i = 0; i < _active; i++)
            {
                Pieces((worker + i) % _active, worker);
            }
        }
        catch (Exception e)
        {
            lock (_failureLock)
            {
                (_failures ??= []).Add(ExceptionDispatchInfo.Capture(e));
            }
        }
    }

    /// <summary>Takes pieces of a part until none are left.</summary>
    private void Pieces(int part, int worker)
    {
        int end = First(part + 1);
        while (true)
        {
            long first = Interlocked.Add(ref _next[(part + 1) * LineLongs], _piece) - _piece;
            if (first >= end)
            {
                return;
            }

            _entry(_work, (int)first, (int)Math.Min(first + _piece, end), worker);
        }
    }

    private int First(int worker) => (int)((long)_units * worker / _active);

    private void Serve(int index)
    {
        int seen = 0;
        ref int state = ref _state[(index + 2) * LineInts];
        while (true)
        {
            Await(index, seen);
            seen = _generation;
            if (_stopping)
            {
                return;
            }

            // The offer may be done or taken back: then there is nothing to enter.
            if (Interlocked.CompareExchange(ref state, Busy, Offered) == Offered)
            {
                Share(index + 1);
                Volatile.Write(ref state, Idle);
            }
        }
    }

    private void Await(int index, int seen)
    {
        long until = Stopwatch.GetTimestamp() + _spinTicks;
        // Who takes no part would be kept awake by the kernels of the others.
        while (index + 1 < _active && Stopwatch.GetTimestamp() < until)
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
