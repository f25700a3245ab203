using System;
using System.Runtime.InteropServices;

namespace GemmaVk.Cpu;

/// <summary>One growing block of aligned native memory that a kernel uses while it runs: packed activations, partial sums.</summary>
internal sealed unsafe class Scratch : IDisposable
{
    private byte* _data;
    private nuint _bytes;

    /// <summary>At least <paramref name="bytes"/> bytes of undefined content, valid until the next call.</summary>
    public byte* Take(long bytes)
    {
        if ((nuint)bytes > _bytes)
        {
            NativeMemory.AlignedFree(_data);
            _bytes = 0;
            nuint wanted = (nuint)(bytes + (bytes / 4));
            _data = (byte*)NativeMemory.AlignedAlloc(wanted, CpuBuffer.Alignment);
            _bytes = wanted;
        }

        return _data;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_data);
        _data = null;
        _bytes = 0;
    }
}
