using System;
using System.Buffers;
using System.Runtime.InteropServices;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf.Blocks;

// Letters: N rows, K columns.

/// <summary>
/// Step 5 of the weight path; from TensorSource, to Repack. A matrix in blocks of GGUF, read as the floats that its format means; what kernels
/// take is made of these.
/// <code>
/// blocks [N, K / elements per block]   ->   F32 [N, K]
/// </code>
/// </summary>
internal sealed class BlockMatrix(TensorSpec spec, TensorFile file, FileTensor tensor, GgmlType type) : MatrixSource
{
    public override string Name => spec.Name;

    public override DType Format => DType.F32;

    public override int Rows => (int)spec.Shape[0];

    public override int Columns => (int)spec.Shape[1];

    /// <summary>Bytes of a row in the file.</summary>
    public int StoredRowBytes => Columns / type.BlockElements * type.BlockBytes;

    /// <summary>The type in the file.</summary>
    public GgmlType Type => type;

    public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale)
    {
        int rowBytes = StoredRowBytes;
        byte[] row = ArrayPool<byte>.Shared.Rent(rowBytes);
        for (int r = 0; r < count; r++)
        {
            Span<byte> blocks = row.AsSpan(0, rowBytes);
            ReadStored(first + r, blocks);
            BlockFormats.Decode(type, blocks, MemoryMarshal.Cast<byte, float>(data.Slice(r * Columns * sizeof(float), Columns * sizeof(float))));
        }

        ArrayPool<byte>.Shared.Return(row);
    }

    /// <summary>The blocks of rows from <paramref name="first"/> on.</summary>
    public void ReadStored(int first, Span<byte> blocks) => file.Read(tensor, (long)first * StoredRowBytes, blocks);

    public override void Release(int first, int count) =>
        MappedPages.Release(file.Address(tensor) + (nint)((long)first * StoredRowBytes), (long)count * StoredRowBytes);
}
