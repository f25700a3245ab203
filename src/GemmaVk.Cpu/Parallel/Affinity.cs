using System;
using System.Numerics;
using System.Runtime.InteropServices;

namespace GemmaVk.Cpu.Parallel;

/// <summary>How many processors the calling thread may run on now: fewer than at the start where somebody has taken some away.</summary>
internal static unsafe partial class Affinity
{
    // 8192 processors: more than Linux can be built for.
    private const int Words = 128;

    /// <summary>The processors of the thread's mask; null where the system does not say.</summary>
    /// <remarks>A fifth of a microsecond; the mask of a control group is in it.</remarks>
    public static int? Processors()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        ulong* mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        if (Get(0, Words * sizeof(ulong), mask) != 0)
        {
            return null;
        }

        int count = 0;
        for (int i = 0; i < Words; i++)
        {
            count += BitOperations.PopCount(mask[i]);
        }

        return count;
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int Get(int thread, nuint bytes, ulong* mask);
}
