using System;
using System.Runtime.Intrinsics;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Repack;

/// <summary>
/// Q4 to Q8 and Q4F16 to Q8F16, exact: the same scales, each nibble n as the signed byte n - 8.
/// <code>
/// uint32 [N, K/8]   ->   int8 [N, K]
/// scales [N, K/32]  ->   the same
/// </code>
/// </summary>
internal sealed class Int4AsInt8Matrix(MatrixSource stored, DType format) : ConvertedMatrix(stored, format)
{
    protected override void Convert(int row, ReadOnlySpan<byte> storedData, ReadOnlySpan<ushort> storedScale, Span<float> values, Span<byte> data, Span<ushort> scale)
    {
        Widen(storedData, data);
        storedScale.CopyTo(scale);
    }

    /// <summary>Two bytes for one; lengths are multiples of 16 and 32.</summary>
    public static void Widen(ReadOnlySpan<byte> packed, Span<byte> data)
    {
        for (int i = 0; i < packed.Length; i += Vector128<byte>.Count)
        {
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Create(packed.Slice(i, 16)));
            Spread(low).CopyTo(data[(2 * i)..]);
            Spread(high).CopyTo(data[((2 * i) + 16)..]);
        }
    }

    private static Vector128<byte> Spread(Vector128<ushort> pairs) =>
        ((pairs | (pairs << 4)) & Vector128.Create((ushort)0x0F0F)).AsByte() - Vector128.Create((byte)8);
}
