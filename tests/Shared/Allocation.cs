using System;
using System.Collections.Generic;

namespace GemmaVk.Shared;

/// <summary>
/// Managed bytes that code allocates on the thread that runs it. The runtime itself allocates there too, once, where a lock is waited for the first time
/// or something is compiled anew, which a crowded machine puts anywhere: code of ours allocates in every stretch of its steps.
/// </summary>
internal static class Allocation
{
    /// <summary>Stretches that are looked at.</summary>
    public const int Stretches = 3;

    /// <summary>What the stretch allocates that allocates least; 0 after the first that allocates nothing.</summary>
    public static long Least(Action stretch)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Stretches && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            stretch();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    /// <summary>The same of what was counted before each step and after the last one, which are whole stretches.</summary>
    public static long Least(ReadOnlySpan<long> counted)
    {
        int steps = (counted.Length - 1) / Stretches;
        long least = long.MaxValue;
        for (int i = 0; i < Stretches; i++)
        {
            least = Math.Min(least, counted[(i + 1) * steps] - counted[i * steps]);
        }

        return least;
    }

    /// <summary>Which steps allocated what.</summary>
    public static string Steps(ReadOnlySpan<long> counted)
    {
        List<string> steps = [];
        for (int i = 1; i < counted.Length; i++)
        {
            if (counted[i] != counted[i - 1])
            {
                steps.Add($"{counted[i] - counted[i - 1]} bytes in step {i}");
            }
        }

        return string.Join(", ", steps);
    }
}
