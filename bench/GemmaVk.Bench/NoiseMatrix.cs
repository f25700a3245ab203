using System;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;

namespace GemmaVk.Bench;

/// <summary>Pseudo-random weights of small size in any format, made row by row.</summary>
internal sealed class NoiseMatrix(DType format, int N, int K) : MatrixSource
{
    public override string Name => $"noise {format}";

    public override DType Format => format;

    public override int Rows => N;

    public override int Columns => K;

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
