using System;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

/// <summary>
/// Memory that a backend owns and its kernels read and write. Opaque above the backend: only name, type and shape are
/// visible. A handle may only be used with the backend that made it.
/// </summary>
public abstract class BufferHandle : IDisposable
{
    /// <summary>Describes a buffer of <paramref name="shape"/> elements of <paramref name="dtype"/>.</summary>
    protected BufferHandle(string name, DType dtype, Shape shape)
    {
        Name = name;
        DType = dtype;
        Shape = shape;
    }

    /// <summary>Name for traces, plans and messages.</summary>
    public string Name { get; }

    /// <summary>Element type.</summary>
    public DType DType { get; }

    /// <summary>Row-major shape, in elements.</summary>
    public Shape Shape { get; }

    /// <summary>Size in bytes.</summary>
    public long Bytes => QuantBlocks.RowBytes(DType, Shape.Count);

    /// <summary>Gives the memory back. Recordings that use the buffer must not run afterwards.</summary>
    public abstract void Dispose();
}
