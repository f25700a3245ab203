using System;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Measuring;

/// <summary>Pseudo-random weights of small size in any format, made row by row: what is measured costs the same whatever they are.</summary>
/// <param name="format">A kernel format.</param>
/// <param name="N">Rows.</param>
/// <param name="K">Columns.</param>
public sealed class NoiseMatrix(DType format, int N, int K) : MatrixSource
{
    /// <inheritdoc/>
    public override string Name => $"noise {format}";

    /// <inheritdoc/>
    public override DType Format => format;

    /// <inheritdoc/>
    public override int Rows => N;

    /// <inheritdoc/>
    public override int Columns => K;

    /// <inheritdoc/>
    public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale)
    {
        Random random = new(first);
        random.NextBytes(data);
        scale.Fill(BFloat16.FromSingle(0.01f));
        Span<ushort> halves = MemoryMarshal.Cast<byte, ushort>(data);
        for (int i = 0; i < halves.Length; i++)
        {
            // Exponents near one, and no FP8 NaN.
            halves[i] = format switch
            {
                DType.BF16 => (ushort)((halves[i] & 0x80FF) | 0x3D00),
                DType.F32 => (i & 1) == 0 ? halves[i] : (ushort)((halves[i] & 0x80FF) | 0x3D00),
                DType.F8E4M3 => (ushort)(halves[i] & 0xB7B7),
                _ => halves[i],
            };
        }
    }
}
