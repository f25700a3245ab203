using System;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Checks;

/// <summary>A matrix of random weights of about unit size in any kernel format; every code of the format occurs.</summary>
public sealed class RandomMatrix : MatrixSource
{
    /// <summary>Draws a matrix.</summary>
    public RandomMatrix(DType format, int N, int K, int seed)
    {
        (Format, Rows, Columns) = (format, N, K);
        Data = new byte[N * QuantBlocks.RowBytes(format, K)];
        Scales = new ushort[N * QuantBlocks.RowScales(format, K)];
        Random random = new(seed);
        random.NextBytes(Data);
        if (KBlocks.Has(format))
        {
            Headers(random);
            return;
        }

        float unit = format switch { DType.Q4 or DType.Q4F16 => 0.2f, DType.Q8 or DType.Q8F16 => 0.01f, _ => 0.005f };
        for (int i = 0; i < Scales.Length; i++)
        {
            // Now and then one so small that it is subnormal in F16.
            float scale = unit * ((random.NextSingle() * 2) - 1) * (random.Next(16) == 0 ? 1e-4f : 1);
            Scales[i] = QuantBlocks.ScaleType(format) == DType.F16 ? Float16.FromSingle(scale) : BFloat16.FromSingle(scale);
        }

        for (int i = 0; i < N * K; i++)
        {
            float value = (random.NextSingle() * 4) - 2;
            switch (format)
            {
                case DType.F32:
                    MemoryMarshal.Write(Data.AsSpan(i * 4), value);
                    break;
                case DType.BF16:
                    MemoryMarshal.Write(Data.AsSpan(i * 2), BFloat16.FromSingle(value));
                    break;
                case DType.F8E4M3 when (Data[i] & 0x7F) == 0x7F:
                    Data[i] = 0;
                    break;
            }
        }
    }

    // Every integer occurs; of the F16 numbers now and then one that is subnormal, as small weights have them.
    private void Headers(Random random)
    {
        random.NextBytes(MemoryMarshal.AsBytes(Scales.AsSpan()));
        int units = KBlocks.HeaderUnits(Format);
        for (int i = 0; i < Scales.Length; i += units)
        {
            float d = ((random.NextSingle() * 2) - 1) * (random.Next(8) == 0 ? 0.01f : 1);
            if (Format == DType.Q6K)
            {
                Scales[i + 8] = Float16.FromSingle(0.002f * d);
                continue;
            }

            Scales[i] = Float16.FromSingle((Format == DType.Q4K ? 0.006f : 0.003f) * d);
            // Minima of the sign and size of the products they are taken off.
            Scales[i + 1] = Float16.FromSingle(0.045f * d * random.NextSingle());
        }
    }

    /// <summary>A matrix of given bytes.</summary>
    public RandomMatrix(DType format, int N, int K, byte[] data, ushort[] scales) =>
        (Format, Rows, Columns, Data, Scales) = (format, N, K, data, scales);

    /// <summary>All rows.</summary>
    public byte[] Data { get; }

    /// <summary>All scales.</summary>
    public ushort[] Scales { get; }

    /// <inheritdoc/>
    public override string Name => "random";

    /// <inheritdoc/>
    public override DType Format { get; }

    /// <inheritdoc/>
    public override int Rows { get; }

    /// <inheritdoc/>
    public override int Columns { get; }

    /// <inheritdoc/>
    public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale)
    {
        int bytes = (int)QuantBlocks.RowBytes(Format, Columns);
        int scales = (int)QuantBlocks.RowScales(Format, Columns);
        Data.AsSpan(first * bytes, count * bytes).CopyTo(data);
        Scales.AsSpan(first * scales, count * scales).CopyTo(scale);
    }
}
