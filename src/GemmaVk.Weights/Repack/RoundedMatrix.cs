using System;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Repack;

/// <summary>
/// Any stored format to BF16: decoded to float32, then rounded to nearest even.
/// <code>
/// F32 [N, K]   ->   BF16 [N, K]       (and likewise F16, F8E4M3, Q8, Q4)
/// </code>
/// </summary>
internal sealed class RoundedMatrix(MatrixSource stored) : ConvertedMatrix(stored, DType.BF16)
{
    private readonly DType _storedFormat = stored.Format;

    protected override void Convert(int row, ReadOnlySpan<byte> storedData, ReadOnlySpan<ushort> storedScale, Span<float> values, Span<byte> data, Span<ushort> scale)
    {
        Weights.Repack.Rows.ToSingle(_storedFormat, storedData, storedScale, values.Length, values);
        Span<ushort> bits = MemoryMarshal.Cast<byte, ushort>(data);
        for (int i = 0; i < bits.Length; i++)
        {
            bits[i] = BFloat16.FromSingle(values[i]);
        }
    }
}
