using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Runtime.Forward;

/// <summary>What was placed of one checkpoint: owns it, counts it, and knows whether some of it is still the file.</summary>
/// <param name="checkpoint">Source; must outlive what is placed, which may be used where it is mapped.</param>
/// <param name="backend">Where it goes.</param>
/// <param name="progress">Called with the bytes placed since the last call.</param>
/// <param name="prefix">Before the names of vectors on the device, where another checkpoint has the same ones.</param>
internal sealed class PlacedWeights(TensorSource checkpoint, IBackend backend, Action<long>? progress, string prefix = "") : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly List<BufferHandle> _matrices = [];
    private readonly List<Action> _writes = [];
    private bool _inPlace;

    /// <summary>Bytes of all weights on the device.</summary>
    public long Bytes { get; private set; }

    /// <summary>Bytes of the matrices alone.</summary>
    public long MatrixBytes { get; private set; }

    /// <summary>The matrices' data, in the order in which they were placed.</summary>
    public IReadOnlyList<BufferHandle> Matrices => _matrices;

    /// <summary>Places a matrix, in its stored format where none is given.</summary>
    /// <exception cref="GemmaVkException">It is missing or not as configured.</exception>
    public WeightMatrix Matrix(string name, DType? format = null)
    {
        WeightMatrix matrix = backend.Place(checkpoint.Matrix(name, format), progress);
        _owned.Add(matrix);
        _matrices.Add(matrix.Data);
        _inPlace |= matrix.InPlace;
        Bytes += matrix.Bytes;
        MatrixBytes += matrix.Bytes;
        return matrix;
    }

    /// <summary>Places the outline of a head, where it is to have one.</summary>
    public RowOutline? Outline(string name, WeightMatrix head, HeadOutline wish)
    {
        if (HeadOutlines.Format(wish, head.Format, head.N, backend.Memory) is not { } format)
        {
            return null;
        }

        RowOutline outline = HeadOutlines.Place(checkpoint.Matrix(name, head.Format), backend, head, format);
        _owned.Add(outline);
        _inPlace |= outline.Coarse.InPlace;
        Bytes += outline.Coarse.Bytes + outline.Bounds.Bytes;
        return outline;
    }

    /// <summary>Places a vector as F32.</summary>
    /// <exception cref="GemmaVkException">It is missing or not as configured.</exception>
    public BufferHandle Vector(string name) => Write(name, DType.F32, () => checkpoint.Vector(name));

    /// <summary>Places a table of vectors, rounded to BF16.</summary>
    /// <exception cref="GemmaVkException">It is missing or not as configured.</exception>
    public BufferHandle Table(string name) => Write(name, DType.BF16, () => Array.ConvertAll(checkpoint.Vector(name), BFloat16.FromSingle));

    /// <summary>Looks whether the files that are computed from in place are still whole; nothing to do where the device has its own copy.</summary>
    /// <exception cref="GemmaVkException">One was written to since it was opened.</exception>
    public void CheckUnchanged()
    {
        if (_inPlace)
        {
            checkpoint.CheckUnchanged();
        }
    }

    /// <summary>Writes vectors and tables again, after the device was opened anew; it has the matrices already.</summary>
    public void Restore() => _writes.ForEach(write => write());

    /// <inheritdoc/>
    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    private BufferHandle Write<T>(string name, DType dtype, Func<T[]> read)
        where T : unmanaged
    {
        T[] values = read();
        BufferHandle buffer = backend.Allocate(prefix + name, dtype, new Shape(values.Length));
        _owned.Add(buffer);
        backend.Write<T>(buffer, values);
        _writes.Add(() => backend.Write<T>(buffer, read()));
        Bytes += buffer.Bytes;
        return buffer;
    }
}
