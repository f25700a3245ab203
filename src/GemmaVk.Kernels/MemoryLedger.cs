using System;
using System.Collections.Generic;
using System.Threading;

namespace GemmaVk.Kernels;

/// <summary>What a backend holds, entry by entry: tests lay it beside the plan. Thread-safe.</summary>
public sealed class MemoryLedger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, HeldMemory> _held = [];
    private int _next;

    /// <summary>Bytes held now; mapped files are not counted.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>Most bytes held at any time.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Every entry held now, in the order in which they came.</summary>
    public IReadOnlyList<HeldMemory> Held
    {
        get
        {
            lock (_lock)
            {
                int[] keys = [.. _held.Keys];
                Array.Sort(keys);
                return Array.ConvertAll(keys, key => _held[key]);
            }
        }
    }

    /// <summary>Enters memory that was taken.</summary>
    /// <returns>What <see cref="Return"/> wants.</returns>
    public int Take(string name, long bytes, bool mapped = false)
    {
        lock (_lock)
        {
            _held.Add(_next, new HeldMemory(name, bytes, mapped));
            HeldBytes += mapped ? 0 : bytes;
            PeakBytes = Math.Max(PeakBytes, HeldBytes);
            return _next++;
        }
    }

    /// <summary>Strikes an entry out. A second time does nothing.</summary>
    public void Return(int entry)
    {
        lock (_lock)
        {
            if (_held.Remove(entry, out HeldMemory? memory))
            {
                HeldBytes -= memory.Mapped ? 0 : memory.Bytes;
            }
        }
    }
}

/// <summary>An entry of the ledger.</summary>
/// <param name="Name">Name of the buffer.</param>
/// <param name="Bytes">Its size, without the device's rounding.</param>
/// <param name="Mapped">It is a window on a mapped file.</param>
public sealed record HeldMemory(string Name, long Bytes, bool Mapped);
