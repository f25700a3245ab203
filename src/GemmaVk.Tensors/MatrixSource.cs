using System;

namespace GemmaVk.Tensors;

// Letters: N rows (outputs), K columns (inputs).

/// <summary>
/// Where the rows of a weight matrix come from: a mapped checkpoint, a conversion of one, a formula. A backend asks
/// for row blocks and puts them where its kernels read them, so a converted matrix never exists twice in memory.
/// </summary>
public abstract class MatrixSource
{
    /// <summary>Name used in messages: the checkpoint's tensor name.</summary>
    public abstract string Name { get; }

    /// <summary>Format of the rows that <see cref="ReadRows"/> delivers (layouts: <see cref="QuantBlocks"/>).</summary>
    public abstract DType Format { get; }

    /// <summary>N, the number of rows.</summary>
    public abstract int Rows { get; }

    /// <summary>K, the number of columns: a multiple of 32.</summary>
    public abstract int Columns { get; }

    /// <summary>Address of all rows in kernel layout if the stored bytes already have it, else zero.</summary>
    public virtual nint MappedData => 0;

    /// <summary>Address of all BF16 scales in kernel layout, else zero.</summary>
    public virtual nint MappedScale => 0;

    /// <summary>Whether data and, where the format has them, scales can be used where they are mapped.</summary>
    public bool IsMapped => MappedData != 0 && (QuantBlocks.RowScales(Format, Columns) == 0 || MappedScale != 0);

    /// <summary>
    /// Writes rows [first, first + count): their data and, for formats that have them, their scales. Safe to call from
    /// several threads at once for different rows.
    /// </summary>
    /// <param name="first">First row.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="data">count * <see cref="QuantBlocks.RowBytes"/> bytes.</param>
    /// <param name="scale">count * <see cref="QuantBlocks.RowScales"/> BF16 values.</param>
    public abstract void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale);

    /// <summary>
    /// Brings the stored bytes of rows [first, first + count) into memory, so that using them in place waits for nothing.
    /// From several threads at once for different rows.
    /// </summary>
    public virtual void Prefetch(int first, int count)
    {
    }

    /// <summary>
    /// As <see cref="Prefetch"/>, for rows that stay in use where they are mapped: in large pages where the system has them.
    /// From several threads at once for different rows.
    /// </summary>
    public virtual void Hold(int first, int count) => Prefetch(first, count);

    /// <summary>
    /// Says that rows [first, first + count) were read and will hardly be read again: memory that holds only their stored
    /// bytes can be used for something else. They can still be read. From several threads at once for different rows.
    /// </summary>
    public virtual void Release(int first, int count)
    {
    }
}
