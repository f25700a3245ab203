using System;
using System.Runtime.InteropServices;
using GemmaVk.Kernels;

namespace GemmaVk.Cpu;

/// <summary>One growing block of aligned native memory that a kernel uses while it runs: packed activations, partial sums.</summary>
internal sealed unsafe class Scratch(MemoryLedger ledger) : IDisposable
{
    private byte* _data;
    private nuint _bytes;
    private int _entry = -1;

    /// <summary>Bytes taken.</summary>
    public long Bytes => (long)_bytes;

    /// <summary>At least <paramref name="bytes"/> bytes of undefined content, valid until the next call.</summary>
    public byte* Take(long bytes)
    {
        if ((nuint)bytes > _bytes)
        {
            Reserve(bytes + (bytes / 4));
        }

        return _data;
    }

    /// <summary>Makes room for <paramref name="bytes"/> bytes, neither more nor less; what was there is gone.</summary>
    public void Reserve(long bytes)
    {
        Dispose();
        _data = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, CpuBuffer.Alignment);
        _bytes = (nuint)bytes;
        _entry = ledger.Take("scratch", bytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_data);
        _data = null;
        _bytes = 0;
        ledger.Return(_entry);
    }
}
