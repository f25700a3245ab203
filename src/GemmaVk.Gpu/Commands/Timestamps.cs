using System;
using System.Collections.Generic;
using GemmaVk.Gpu.Driver;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Commands;

/// <summary>
/// GPU time per kernel of one recording. A timestamp is taken at the start and after each command; a command's time is
/// the distance to the one before it, so the times of a run add up to the whole. Where commands overlap, the one that
/// ends first is charged for both.
/// </summary>
internal sealed unsafe class Timestamps(GpuDevice device) : IDisposable
{
    private const int PoolSize = 512;

    private readonly List<QueryPool> pools = [];
    private readonly List<string> names = [];
    private int count;

    /// <summary>Records a timestamp that closes the span of <paramref name="name"/>; the first one opens the run and has no span.</summary>
    public void Mark(CommandBuffer commands, string name)
    {
        if (count % PoolSize == 0)
            AddPool(commands);
        device.Vk.CmdWriteTimestamp(commands, PipelineStageFlags.BottomOfPipeBit, pools[^1], (uint)(count % PoolSize));
        count++;
        names.Add(name);
    }

    /// <summary>Name and time of each span of the run that was waited for last.</summary>
    public IReadOnlyList<(string Name, TimeSpan Time)> Read()
    {
        ulong[] ticks = new ulong[count];
        fixed (ulong* p = ticks)
        {
            for (int i = 0; i < pools.Count; i++)
            {
                int first = i * PoolSize;
                uint here = (uint)Math.Min(PoolSize, count - first);
                device.Vk.GetQueryPoolResults(
                    device.Handle, pools[i], 0, here, here * sizeof(ulong), p + first, sizeof(ulong), QueryResultFlags.Result64Bit | QueryResultFlags.ResultWaitBit)
                    .Check("reading timestamps", device.Info.Name);
            }
        }

        // Counters of fewer than 64 bits wrap around: differences are taken modulo their width.
        ulong mask = device.Features.TimestampBits >= 64 ? ulong.MaxValue : (1UL << device.Features.TimestampBits) - 1;
        List<(string, TimeSpan)> spans = [];
        for (int i = 1; i < count; i++)
        {
            double nanoseconds = ((ticks[i] - ticks[i - 1]) & mask) * device.Features.TimestampPeriod;
            spans.Add((names[i], TimeSpan.FromTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick))));
        }

        return spans;
    }

    public void Dispose()
    {
        foreach (QueryPool pool in pools)
            device.Vk.DestroyQueryPool(device.Handle, pool, null);
        pools.Clear();
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
