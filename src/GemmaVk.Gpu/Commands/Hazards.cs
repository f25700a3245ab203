using System;
using System.Collections.Generic;
using GemmaVk.Gpu.Memory;

namespace GemmaVk.Gpu.Commands;

/// <summary>What a command does to a range of a buffer.</summary>
internal readonly record struct BufferAccess(BufferRange Range, bool Reads, bool Writes);

/// <summary>
/// The barrier rule, in one place. Commands between two barriers may run at the same time and in any order, so a barrier
/// must stand before a command that reads what an earlier one writes, writes what an earlier one reads, or writes what an
/// earlier one writes. Nothing else needs one. Pure bookkeeping: no device is involved.
/// </summary>
internal sealed class Hazards
{
    // Everything declared since the last barrier: a few dozen ranges at most, so a plain walk is fast enough.
    private readonly List<BufferRange> reads = [];
    private readonly List<BufferRange> writes = [];

    /// <summary>
    /// Declares what the next command does. True when a barrier has to be recorded before it; it then counts as recorded.
    /// Accesses of one command never conflict with each other: in-place kernels are the kernel's own affair.
    /// </summary>
    public bool Declare(ReadOnlySpan<BufferAccess> accesses)
    {
        bool barrier = false;
        foreach (BufferAccess access in accesses)
            barrier |= (access.Reads || access.Writes) && Overlaps(writes, access.Range) || access.Writes && Overlaps(reads, access.Range);

        if (barrier)
        {
            // The barrier covers all memory, so earlier ranges cannot conflict with anything any more.
            reads.Clear();
            writes.Clear();
        }

        foreach (BufferAccess access in accesses)
        {
            if (access.Reads)
                reads.Add(access.Range);
            if (access.Writes)
                writes.Add(access.Range);
        }

        return barrier;
    }

    private static bool Overlaps(List<BufferRange> ranges, BufferRange range)
    {
        foreach (BufferRange other in ranges)
        {
            if (other.Buffer.Handle == range.Buffer.Handle && other.Offset < range.Offset + range.Size && range.Offset < other.Offset + other.Size)
                return true;
        }

        return false;
    }
}
