using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Xunit;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using Xunit;
using Buffer = Silk.NET.Vulkan.Buffer;

namespace GemmaVk.Gpu.Tests;

/// <summary>The barrier rule as pure logic.</summary>
public sealed class HazardTests
{
    private static BufferAccess Read(ulong buffer, ulong offset, ulong size) => new(new BufferRange(new Buffer(buffer), offset, size), true, false);

    private static BufferAccess Write(ulong buffer, ulong offset, ulong size) => new(new BufferRange(new Buffer(buffer), offset, size), false, true);

    [Fact]
    public void ReadAfterReadNeedsNone()
    {
        Hazards hazards = new();
        Assert.False(hazards.Declare([Read(1, 0, 10)]));
        Assert.False(hazards.Declare([Read(1, 0, 10)]));
    }

    [Fact]
    public void ReadAfterWriteNeedsOneOnce()
    {
        Hazards hazards = new();
        Assert.False(hazards.Declare([Write(1, 0, 10)]));
        Assert.True(hazards.Declare([Read(1, 9, 1)]));
        Assert.False(hazards.Declare([Read(1, 0, 10)]));
    }

    [Fact]
    public void WriteAfterReadAndWriteAfterWriteNeedOne()
    {
        Hazards hazards = new();
        Assert.False(hazards.Declare([Read(1, 0, 10)]));
        Assert.True(hazards.Declare([Write(1, 5, 1)]));
        Assert.True(hazards.Declare([Write(1, 5, 1)]));
    }

    [Fact]
    public void NeighboursAndOtherBuffersDoNotMatter()
    {
        Hazards hazards = new();
        Assert.False(hazards.Declare([Write(1, 0, 10)]));
        Assert.False(hazards.Declare([Write(1, 10, 10), Read(2, 0, 10)]));
        Assert.False(hazards.Declare([Read(1, 20, 1)]));
        Assert.True(hazards.Declare([Read(1, 19, 1)]));
    }

    [Fact]
    public void AccessBehindABarrierStillCountsForTheNext()
    {
        Hazards hazards = new();
        hazards.Declare([Write(1, 0, 10)]);
        Assert.True(hazards.Declare([Read(1, 0, 10), Write(2, 0, 10)]));
        Assert.True(hazards.Declare([Read(2, 0, 10)]));
    }

    [Fact]
    public void InPlaceIsNoHazardWithinOneCommand()
    {
        Hazards hazards = new();
        Assert.False(hazards.Declare([Read(1, 0, 10), Write(1, 0, 10)]));
    }

    // The naive model: bytes, and for every command the index of the last barrier. Two commands conflict when they touch
    // a common byte and one of them writes it; then, and only then, a barrier must stand somewhere between them.
    [Property(MaxTest = 100)]
    public void BarriersAreEnoughAndNoneIsIdle(CommandAccesses drawn)
    {
        BufferAccess[][] commands = [.. drawn.List.Select(command => command.Select(access => new BufferAccess(
            new BufferRange(new Buffer((ulong)access.Buffer), (ulong)access.Offset, (ulong)access.Size), access.Reads, access.Writes)).ToArray())];
        Hazards hazards = new();
        int lastBarrier = 0;
        for (int i = 0; i < commands.Length; i++)
        {
            bool conflict = Enumerable.Range(lastBarrier, i - lastBarrier).Any(earlier => Conflict(commands[earlier], commands[i]));
            Assert.Equal(conflict, hazards.Declare(commands[i]));
            if (conflict)
                lastBarrier = i;
        }
    }

    private static bool Conflict(BufferAccess[] a, BufferAccess[] b)
    {
        HashSet<(ulong, ulong)> readA = Touched(a, x => x.Reads);
        HashSet<(ulong, ulong)> writeA = Touched(a, x => x.Writes);
        HashSet<(ulong, ulong)> readB = Touched(b, x => x.Reads);
        HashSet<(ulong, ulong)> writeB = Touched(b, x => x.Writes);
        return writeA.Overlaps(readB) || writeA.Overlaps(writeB) || readA.Overlaps(writeB);
    }

    private static HashSet<(ulong Buffer, ulong Byte)> Touched(BufferAccess[] accesses, Func<BufferAccess, bool> which) =>
    [
        .. accesses.Where(which).SelectMany(a => Enumerable.Range((int)a.Range.Offset, (int)a.Range.Size).Select(b => (a.Range.Buffer.Handle, (ulong)b))),
    ];
}
