using System;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;
using ILGPU.Runtime;

namespace GemmaVk.Ilgpu;

/// <summary>Memory of an accelerator; or, on the CPU accelerator, a window on memory that a mapped file owns.</summary>
internal sealed class IlgpuBuffer : BufferHandle
{
    private readonly MemoryLedger _ledger;
    private readonly int _entry;
    private MemoryBuffer? _memory;

    /// <summary>Takes <paramref name="memory"/> over.</summary>
    public IlgpuBuffer(MemoryLedger ledger, MemoryBuffer memory, string name, DType dtype, Shape shape, bool mapped = false)
        : base(name, dtype, shape)
    {
        (_memory, _ledger) = (memory, ledger);
        _entry = ledger.Take(name, Bytes, mapped);
    }

    /// <summary>All bytes.</summary>
    public ArrayView<byte> View => new(Memory, 0, Bytes);

    private MemoryBuffer Memory => _memory ?? throw new ObjectDisposedException(Name);

    /// <summary>
    /// The elements of a handle that a kernel wants as at least <paramref name="count"/> values of <paramref name="dtype"/>,
    /// seen as <typeparamref name="T"/>; from element <paramref name="skipped"/> on.
    /// </summary>
    /// <exception cref="ArgumentException">Another backend's handle, another element type, or too small.</exception>
    public static ArrayView<T> Of<T>(BufferHandle handle, DType dtype, long count, long skipped = 0)
        where T : unmanaged
    {
        IlgpuBuffer buffer = From(handle);
        if (handle.DType != dtype || handle.Shape.Count < skipped + count)
        {
            throw new ArgumentException(
                $"buffer {handle.Name}: expected at least {skipped + count} elements of {dtype}, but it is {handle.Shape} {handle.DType}");
        }

        return new ArrayView<T>(buffer.Memory, skipped, (buffer.Memory.LengthInBytes / Interop.SizeOf<T>()) - skipped);
    }

    /// <summary>The buffer behind a handle.</summary>
    public static IlgpuBuffer From(BufferHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return handle as IlgpuBuffer ?? throw new ArgumentException($"buffer {handle.Name} belongs to another backend ({handle.GetType().Name})");
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _memory?.Dispose();
        _memory = null;
        _ledger.Return(_entry);
    }
}
