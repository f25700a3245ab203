using System;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Repack;

/// <summary>
/// Any stored format to F32: value by value the decode formula of <see cref="QuantBlocks"/>. Exact for F16, BF16 and F32; for quantised
/// formats one float multiplication.
/// <code>
/// F16 [N, K]   ->   F32 [N, K]        (and likewise BF16, F8E4M3, Q8, Q4)
/// </code>
/// </summary>
internal sealed class WidenedMatrix(MatrixSource stored) : ConvertedMatrix(stored, DType.F32)
{
    private readonly DType _storedFormat = stored.Format;

    protected override void Convert(int row, ReadOnlySpan<byte> storedData, ReadOnlySpan<ushort> storedScale, Span<float> values, Span<byte> data, Span<ushort> scale)
    {
        Weights.Repack.Rows.ToSingle(_storedFormat, storedData, storedScale, values.Length, values);
        MemoryMarshal.AsBytes(values).CopyTo(data);
    }
}
