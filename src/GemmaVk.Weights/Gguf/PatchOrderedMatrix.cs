using System;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;
using GemmaVk.Weights.Repack;

namespace GemmaVk.Weights.Gguf;

/// <summary>The patch projection with its columns in the checkpoint's order (<see cref="PatchOrder"/>); every value stays what it is.</summary>
internal sealed class PatchOrderedMatrix(MatrixSource stored) : ConvertedMatrix(stored, stored.Format)
{
    protected override void Convert(int row, ReadOnlySpan<byte> storedData, ReadOnlySpan<ushort> storedScale, Span<float> values, Span<byte> data, Span<ushort> scale)
    {
        if (Format == DType.F32)
        {
            PatchOrder.ToCheckpoint(MemoryMarshal.Cast<byte, float>(storedData), MemoryMarshal.Cast<byte, float>(data));
        }
        else
        {
            PatchOrder.ToCheckpoint(MemoryMarshal.Cast<byte, ushort>(storedData), MemoryMarshal.Cast<byte, ushort>(data));
        }
    }
}
