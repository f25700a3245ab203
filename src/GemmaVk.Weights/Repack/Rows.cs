using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Repack;

// Letters: K columns.

/// <summary>Rows in any stored format as float32: the decode formulas of <see cref="QuantBlocks"/> at memory speed.</summary>
internal static class Rows
{
    private const int GroupSize = QuantBlocks.GroupSize;

    private static readonly float[] Float8Values = MakeFloat8Values();

    /// <summary>Decodes whole rows.</summary>
    /// <param name="format">Format of the rows.</param>
    /// <param name="data">Their data.</param>
    /// <param name="scale">Their BF16 scales; empty for formats without.</param>
    /// <param name="columns">K; only needed for formats with scales.</param>
    /// <param name="values">One float per weight.</param>
    public static void ToSingle(DType format, ReadOnlySpan<byte> data, ReadOnlySpan<ushort> scale, int columns, Span<float> values)
    {
        switch (format)
        {
            case DType.BF16:
                FromBFloat16(MemoryMarshal.Cast<byte, ushort>(data), values);
                break;
            case DType.F16:
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(data);
                for (int i = 0; i < halves.Length; i++)
                {
                    values[i] = (float)halves[i];
                }

                break;
            case DType.F32:
                data.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case DType.F8E4M3:
                FromFloat8(data, scale, columns, values);
                break;
            case DType.Q8 or DType.Q8F16:
                FromInt8(format, MemoryMarshal.Cast<byte, sbyte>(data), scale, values);
                break;
            case DType.Q4 or DType.Q4F16:
                FromInt4(format, data, scale, values);
                break;
            case DType.Q4K or DType.Q5K or DType.Q6K:
                int bytes = KBlocks.Bytes(format), units = KBlocks.HeaderUnits(format);
                for (int b = 0; b < data.Length / bytes; b++)
                {
                    KBlocks.Decode(format, data.Slice(b * bytes, bytes), scale.Slice(b * units, units), values.Slice(b * KBlocks.Columns, KBlocks.Columns));
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "not a matrix format");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FromBFloat16(ReadOnlySpan<ushort> bits, Span<float> values)
    {
        values = values[..bits.Length];
        ref ushort from = ref MemoryMarshal.GetReference(bits);
        ref float to = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i + Vector256<ushort>.Count <= bits.Length; i += Vector256<ushort>.Count)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.LoadUnsafe(ref from, (nuint)i));
            Vector256.ShiftLeft(low, 16).AsSingle().StoreUnsafe(ref to, (nuint)i);
            Vector256.ShiftLeft(high, 16).AsSingle().StoreUnsafe(ref to, (nuint)i + 8);
        }

        for (; i < bits.Length; i++)
        {
            values[i] = BFloat16.ToSingle(bits[i]);
        }
    }

    private static void FromFloat8(ReadOnlySpan<byte> data, ReadOnlySpan<ushort> scale, int columns, Span<float> values)
    {
        for (int r = 0; r * columns < data.Length; r++)
        {
            float s = BFloat16.ToSingle(scale[r]);
            for (int c = 0; c < columns; c++)
            {
                values[(r * columns) + c] = Float8Values[data[(r * columns) + c]] * s;
            }
        }
    }

    private static void FromInt8(DType format, ReadOnlySpan<sbyte> data, ReadOnlySpan<ushort> scale, Span<float> values)
    {
        for (int i = 0; i < data.Length; i += GroupSize)
        {
            Vector256<float> s = Vector256.Create(QuantBlocks.Scale(format, scale[i / GroupSize]));
            (Vector256<short> low, Vector256<short> high) = Vector256.Widen(Vector256.Create(data.Slice(i, GroupSize)));
            Scale(low, s, values[i..]);
            Scale(high, s, values[(i + 16)..]);
        }
    }

    private static void FromInt4(DType format, ReadOnlySpan<byte> data, ReadOnlySpan<ushort> scale, Span<float> values)
    {
        for (int g = 0; g < scale.Length; g++)
        {
            Vector256<float> s = Vector256.Create(QuantBlocks.Scale(format, scale[g]));
            // A byte holds two neighbours: spread it over 16 bits, low nibble first.
            (Vector128<ushort> first, Vector128<ushort> second) = Vector128.Widen(Vector128.Create(data.Slice(g * 16, 16)));
            Scale(Spread(first), s, values[(g * GroupSize)..]);
            Scale(Spread(second), s, values[((g * GroupSize) + 16)..]);
        }
    }

    private static Vector256<short> Spread(Vector128<ushort> pairs)
    {
        Vector128<byte> nibbles = ((pairs | (pairs << 4)) & Vector128.Create((ushort)0x0F0F)).AsByte();
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(nibbles);
        return Vector256.Create(low, high).AsInt16() - Vector256.Create((short)8);
    }

    private static void Scale(Vector256<short> q, Vector256<float> s, Span<float> values)
    {
        (Vector256<int> low, Vector256<int> high) = Vector256.Widen(q);
        (Vector256.ConvertToSingle(low) * s).CopyTo(values);
        (Vector256.ConvertToSingle(high) * s).CopyTo(values[8..]);
    }

    private static float[] MakeFloat8Values()
    {
        float[] values = new float[256];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Float8.ToSingle((byte)i);
        }

        return values;
    }
}
