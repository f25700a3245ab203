using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Kernels;

namespace GemmaVk.Cpu;

/// <summary>Sums a buffer that no cache holds, to know what the memory can give.</summary>
internal static unsafe class ReadBandwidth
{
    private const int Block = 1 << 16;
    private const int Blocks = 4096;
    private const int Tries = 6;

    /// <summary>Bytes that are read, and taken while measuring.</summary>
    public const long Bytes = (long)Block * Blocks;

    /// <summary>Best bytes per second of a few passes over 256 MiB.</summary>
    public static double Measure(RowPartition pool, MemoryLedger ledger)
    {
        int entry = ledger.Take("bandwidth measurement", Bytes);
        nuint bytes = (nuint)Bytes;
        byte* data = (byte*)NativeMemory.AlignedAlloc(bytes, CpuBuffer.Alignment);
        ulong* sums = stackalloc ulong[pool.Threads];
        try
        {
            NativeMemory.Fill(data, bytes, 1);
            double best = 0;
            for (int i = 0; i < Tries; i++)
            {
                Reading reading = new() { Data = data, Sums = sums };
                long start = Stopwatch.GetTimestamp();
                pool.Run(ref reading, Blocks);
                best = Math.Max(best, bytes / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            return best;
        }
        finally
        {
            NativeMemory.AlignedFree(data);
            ledger.Return(entry);
        }
    }

    private struct Reading : IRowWork
    {
        public byte* Data;
        public ulong* Sums;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rows(int first, int end, int worker)
        {
            Vector512<ulong> a = default, b = default, c = default, d = default;
            byte* stop = Data + ((long)end * Block);
            for (byte* at = Data + ((long)first * Block); at < stop; at += 256)
            {
                a += Vector512.Load((ulong*)at);
                b += Vector512.Load((ulong*)(at + 64));
                c += Vector512.Load((ulong*)(at + 128));
                d += Vector512.Load((ulong*)(at + 192));
            }

            Sums[worker] = Vector512.Sum(a + b + c + d);
        }
    }
}
