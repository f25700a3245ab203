using System;
using System.Diagnostics;
using System.Threading;
using GemmaVk.Cpu.Parallel;
using Xunit;

namespace GemmaVk.Cpu.Tests;

/// <summary>Counts the time of the whole process, so it runs while no other test does.</summary>
[CollectionDefinition(nameof(IdlePoolTests), DisableParallelization = true)]
[Collection(nameof(IdlePoolTests))]
public sealed class IdlePoolTests
{
    [Fact]
    public void AnIdlePoolSleeps()
    {
        using RowPartition pool = new(3);
        Nothing work = default;
        pool.Run(ref work, 10);
        Thread.Sleep(20);
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        Thread.Sleep(300);
        // Two spinning workers would take 600 ms; the test host itself takes a little.
        Assert.InRange((Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds, 0, 200);
    }

    private struct Nothing : IRowWork
    {
        public readonly void Rows(int first, int end, int worker)
        {
            // The threads only have to have been awake.
        }
    }
}
