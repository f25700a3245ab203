using System;
using System.Runtime.InteropServices;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu;

/// <summary>Native memory, aligned to a cache line; or a window on memory that a mapped file owns.</summary>
internal sealed unsafe class CpuBuffer : BufferHandle
{
    /// <summary>A cache line, and the width of the widest vector.</summary>
    public const int Alignment = 64;

    private readonly MemoryLedger _ledger;
    private readonly int _entry;
    private readonly bool _owned;
    private byte* _data;

    /// <summary>Allocates. No page is touched: what is never written takes no memory.</summary>
    public CpuBuffer(MemoryLedger ledger, string name, DType dtype, Shape shape)
        : base(name, dtype, shape)
    {
        _data = Bytes < HugePages.LeastBytes
            ? (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(Bytes, 1), Alignment)
            : HugePages.Allocate((nuint)Bytes);
        (_ledger, _owned) = (ledger, true);
        _entry = ledger.Take(name, Bytes);
    }

    /// <summary>Looks at memory that someone else owns and that outlives the buffer.</summary>
    public CpuBuffer(MemoryLedger ledger, nint mapped, string name, DType dtype, Shape shape)
        : base(name, dtype, shape)
    {
        _data = (byte*)mapped;
        _ledger = ledger;
        _entry = ledger.Take(name, Bytes, mapped: true);
    }

    /// <summary>First byte.</summary>
    public byte* Data => _data;

    /// <summary>The elements of a handle that a kernel wants as at least <paramref name="count"/> of <typeparamref name="T"/>.</summary>
    /// <exception cref="ArgumentException">Another backend's handle, another element type, or too small.</exception>
    public static T* Of<T>(BufferHandle handle, DType dtype, long count)
        where T : unmanaged
    {
        CpuBuffer buffer = From(handle);
        if (handle.DType != dtype || handle.Shape.Count < count)
        {
            throw new ArgumentException(
                $"buffer {handle.Name}: expected at least {count} elements of {dtype}, but it is {handle.Shape} {handle.DType}");
        }

        return (T*)buffer._data;
    }

    /// <summary>The buffer behind a handle.</summary>
    public static CpuBuffer From(BufferHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        if (handle is not CpuBuffer buffer)
        {
            throw new ArgumentException($"buffer {handle.Name} belongs to another backend ({handle.GetType().Name})");
        }

        ObjectDisposedException.ThrowIf(buffer._data == null, buffer);
        return buffer;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_owned && _data != null)
        {
            NativeMemory.AlignedFree(_data);
        }

        _data = null;
        _ledger.Return(_entry);
    }
}
