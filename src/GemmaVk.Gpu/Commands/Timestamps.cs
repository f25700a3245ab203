using System;
using System.Collections.Generic;
using GemmaVk.Gpu.Driver;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Commands;

/// <summary>
/// GPU time per kernel of one recording. A timestamp is taken at the start, and before and after each command, each when all earlier
/// commands have ended. A command's time is the distance from the end of the one before it, so the times of a run add up to the whole;
/// its span leaves out the gap between them. Where commands overlap, the one that ends first is charged for both.
/// </summary>
internal sealed unsafe class Timestamps(GpuDevice device) : IDisposable
{
    private const int PoolSize = 512;

    private readonly List<QueryPool> pools = [];
    private readonly List<string> names = [];
    private int count;

    /// <summary>Records the timestamp that opens the run.</summary>
    public void Open(CommandBuffer commands) => Write(commands);

    /// <summary>Records the timestamp before a command.</summary>
    public void Begin(CommandBuffer commands) => Write(commands);

    /// <summary>Records the timestamp after the command <paramref name="name"/>.</summary>
    public void End(CommandBuffer commands, string name)
    {
        Write(commands);
        names.Add(name);
    }

    /// <summary>Name and time of each command of the run that was waited for last.</summary>
    public IReadOnlyList<(string Name, TimeSpan Time)> Read()
    {
        IReadOnlyList<CommandSpan> spans = Spans();
        List<(string, TimeSpan)> times = [];
        TimeSpan before = TimeSpan.Zero;
        for (int i = 0; i < spans.Count; i++)
        {
            times.Add((names[i], spans[i].End - before));
            before = spans[i].End;
        }

        return times;
    }

    /// <summary>Begin and end of each command of the run that was waited for last, counted from the run's start.</summary>
    public IReadOnlyList<CommandSpan> Spans()
    {
        ulong[] ticks = new ulong[count];
        fixed (ulong* p = ticks)
        {
            for (int i = 0; i < pools.Count; i++)
            {
                int first = i * PoolSize;
                uint here = (uint)Math.Min(PoolSize, count - first);
                Result result = device.Vk.GetQueryPoolResults(
                    device.Handle, pools[i], 0, here, here * sizeof(ulong), p + first, sizeof(ulong), QueryResultFlags.Result64Bit | QueryResultFlags.ResultWaitBit);
                device.CheckAlive(result, "reading timestamps");
            }
        }

        // Counters of fewer than 64 bits wrap around: differences are taken modulo their width.
        ulong mask = device.Features.TimestampBits >= 64 ? ulong.MaxValue : (1UL << device.Features.TimestampBits) - 1;
        TimeSpan Since(int stamp)
        {
            double nanoseconds = ((ticks[stamp] - ticks[0]) & mask) * device.Features.TimestampPeriod;
            return TimeSpan.FromTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick));
        }

        CommandSpan[] spans = new CommandSpan[names.Count];
        for (int i = 0; i < spans.Length; i++)
            spans[i] = new CommandSpan(Since((2 * i) + 1), Since((2 * i) + 2));
        return spans;
    }

    public void Dispose()
    {
        foreach (QueryPool pool in pools)
            device.Vk.DestroyQueryPool(device.Handle, pool, null);
        pools.Clear();
    }

    private void Write(CommandBuffer commands)
    {
        if (count % PoolSize == 0)
            AddPool(commands);
        device.Vk.CmdWriteTimestamp(commands, PipelineStageFlags.BottomOfPipeBit, pools[^1], (uint)(count % PoolSize));
        count++;
    }

    private void AddPool(CommandBuffer commands)
    {
        QueryPoolCreateInfo info = new()
        {
            SType = StructureType.QueryPoolCreateInfo,
            QueryType = QueryType.Timestamp,
            QueryCount = PoolSize,
        };
        QueryPool pool;
        device.Vk.CreateQueryPool(device.Handle, &info, null, &pool).Check("creating timestamps", device.Info.Name);
        pools.Add(pool);
        device.Vk.CmdResetQueryPool(commands, pool, 0, PoolSize);
    }
}

/// <summary>When a command began and ended, counted from the start of its run.</summary>
internal readonly record struct CommandSpan(TimeSpan Start, TimeSpan End);
