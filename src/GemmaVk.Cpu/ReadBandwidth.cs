using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Kernels;

namespace GemmaVk.Cpu;

/// <summary>Sums memory, to know what it can give.</summary>
internal static unsafe class ReadBandwidth
{
    private const int Block = 1 << 16;
    private const int Blocks = 4096;
    private const int Tries = 6;

    // Of free memory a measurement takes a small part: it may be less by the time it is touched.
    private const int PartOfFree = 8;

    /// <summary>Bytes that are read at most, and taken while measuring over memory of its own.</summary>
    public const long Bytes = (long)Block * Blocks;

    /// <summary>Best bytes per second of a few passes over 256 MiB, or less where less is free; no cache holds that.</summary>
    public static double Measure(RowPartition pool, MemoryLedger ledger, long available)
    {
        int blocks = (int)Math.Clamp(available / PartOfFree / Block, 1, Blocks);
        nuint bytes = (nuint)blocks * Block;
        int entry = ledger.Take("bandwidth measurement", (long)bytes);
        byte* data = (byte*)NativeMemory.AlignedAlloc(bytes, CpuBuffer.Alignment);
        try
        {
            NativeMemory.Fill(data, bytes, 1);
            nint[] table = new nint[blocks];
            for (int i = 0; i < blocks; i++)
            {
                table[i] = (nint)(data + ((long)i * Block));
            }

            return Best(table, pool);
        }
        finally
        {
            NativeMemory.AlignedFree(data);
            ledger.Return(entry);
        }
    }

    /// <summary>
    /// The same over the first 256 MiB of buffers that are there. Where they are small enough for a cache, that is what gives them to every
    /// kernel too.
    /// </summary>
    public static double Over(IReadOnlyList<BufferHandle> buffers, RowPartition pool)
    {
        List<nint> table = [];
        foreach (BufferHandle handle in buffers)
        {
            CpuBuffer buffer = CpuBuffer.From(handle);
            // Vectors are read from where a line begins, which a mapped file does not promise.
            nint start = ((nint)buffer.Data + CpuBuffer.Alignment - 1) & -CpuBuffer.Alignment;
            for (nint end = (nint)buffer.Data + (nint)buffer.Bytes; start + Block <= end && table.Count < Blocks; start += Block)
            {
                table.Add(start);
            }
        }

        return table.Count > 0 ? Best([.. table], pool) : 0;
    }

    private static double Best(nint[] table, RowPartition pool)
    {
        ulong* sums = stackalloc ulong[pool.Threads];
        double best = 0;
        fixed (nint* blocks = table)
        {
            for (int i = 0; i < Tries; i++)
            {
                Reading reading = new() { Table = blocks, Sums = sums };
                long start = Stopwatch.GetTimestamp();
                pool.Run(ref reading, table.Length);
                best = Math.Max(best, (double)table.Length * Block / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return best;
    }

    private struct Reading : IRowWork
    {
        public nint* Table;
        public ulong* Sums;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            Vector512<ulong> a = default, b = default, c = default, d = default;
            for (int i = first; i < end; i++)
            {
                byte* stop = (byte*)Table[i] + Block;
                for (byte* at = (byte*)Table[i]; at < stop; at += 256)
                {
                    a += Vector512.Load((ulong*)at);
                    b += Vector512.Load((ulong*)(at + 64));
                    c += Vector512.Load((ulong*)(at + 128));
                    d += Vector512.Load((ulong*)(at + 192));
                }
            }

            Sums[worker] = Vector512.Sum(a + b + c + d);
        }
    }
}
