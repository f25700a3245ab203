using System;
using System.Threading;
using GemmaVk.Cpu.Parallel;
using Xunit;

namespace GemmaVk.Cpu.Tests;

/// <summary>Counts the time of all pools of the process, so it runs while no other test does.</summary>
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
        Idleness window = Idleness.Measure();
        Assert.True(window.IsIdle, $"{window}");
    }

    /// <summary>What the test above, and that of the server, would see of a worker that goes on looking for work.</summary>
    [Fact]
    public void AThreadThatSpinsIsSeen()
    {
        bool stop = false;
        Thread spinning = new(() =>
        {
            while (!Volatile.Read(ref stop))
            {
            }
        })
        { IsBackground = true, Name = "gemmavk-spins" };
        spinning.Start();
        Idleness window = Idleness.Measure(windows: 1);
        Volatile.Write(ref stop, true);
        spinning.Join();
        Assert.False(window.IsIdle, $"{window}");
        Assert.True(window.Own > 0 || !OperatingSystem.IsLinux(), $"{window}");
    }

    private struct Nothing : IRowWork
    {
        public readonly void Rows(int first, int end, int worker)
        {
            // The threads only have to have been awake.
        }
    }
}
