using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Repack;

// Letters: N rows, K columns.

/// <summary>
/// Compressed-tensors "pack-quantized" with 8 bits to Q8. The file stores q + 128 (offset binary), lowest byte first, so that a word
/// is four neighbours in order; flipping the top bit of each byte makes it a signed byte.
/// <code>
/// I32 .weight_packed [N, K/4]:  bits 7..0 column 4j, 15..8 column 4j+1, ...    ->   int8 [N, K]
/// BF16 .weight_scale [N, K/32]                                                 ->   the same
/// </code>
/// </summary>
internal sealed class PackedInt8Matrix(
    TensorSpec spec, TensorFile file, FileTensor packed, TensorFile scaleFile, FileTensor scales) : MatrixSource
{
    public override string Name => spec.Name;

    public override DType Format => DType.Q8;

    public override int Rows => (int)spec.Shape[0];

    public override int Columns => (int)spec.Shape[1];

    public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale)
    {
        Span<byte> packedRows = data[..checked(count * Columns)];
        file.Read(packed, (long)first * Columns, packedRows);
        Unpack(packedRows, packedRows);
        int rowBytes = Columns / QuantBlocks.GroupSize * sizeof(ushort);
        scaleFile.Read(scales, (long)first * rowBytes, MemoryMarshal.AsBytes(scale)[..checked(count * rowBytes)]);
    }

    public override void Release(int first, int count)
    {
        MappedPages.Release(file.Address(packed) + (nint)((long)first * Columns), (long)count * Columns);
        long scaleBytes = Columns / QuantBlocks.GroupSize * sizeof(ushort);
        MappedPages.Release(scaleFile.Address(scales) + (nint)(first * scaleBytes), count * scaleBytes);
    }

    /// <summary>Offset binary to two's complement and, being its own inverse, back.</summary>
    public static void Unpack(ReadOnlySpan<byte> packed, Span<byte> data)
    {
        Vector256<byte> top = Vector256.Create((byte)0x80);
        int i = 0;
        for (; i + Vector256<byte>.Count <= packed.Length; i += Vector256<byte>.Count)
        {
            (Vector256.Create(packed[i..]) ^ top).CopyTo(data[i..]);
        }

        for (; i < packed.Length; i++)
        {
            data[i] = (byte)(packed[i] ^ 0x80);
        }
    }
}
