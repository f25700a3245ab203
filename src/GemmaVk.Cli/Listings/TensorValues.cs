using System;
using System.Globalization;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Listings;

/// <summary>Elements of a tensor as text, whatever their type.</summary>
internal static class TensorValues
{
    /// <summary>The first elements, at most <paramref name="most"/>; none for a type that is not known.</summary>
    public static string[] First(TensorFile file, FileTensor tensor, int most)
    {
        if (tensor.Decode(file, most) is { } decoded)
        {
            return Array.ConvertAll(decoded, value => value.ToString(CultureInfo.InvariantCulture));
        }

        int width = tensor.DType switch
        {
            "U8" or "I8" or "F8_E4M3" or "BOOL" => 1,
            "BF16" or "F16" or "I16" or "U16" => 2,
            "F32" or "I32" or "U32" => 4,
            "I64" or "F64" or "U64" => 8,
            _ => 0,
        };
        if (width == 0)
        {
            return [];
        }

        Span<byte> bytes = stackalloc byte[8];
        string[] values = new string[Math.Min(most, tensor.ByteLength / width)];
        for (int i = 0; i < values.Length; i++)
        {
            // Tensors may start at any byte, and be longer than a span can be.
            for (int b = 0; b < width; b++)
            {
                bytes[b] = Marshal.ReadByte(file.Address(tensor), (i * width) + b);
            }

            values[i] = Text(tensor.DType, bytes);
        }

        return values;
    }

    private static string Text(string dtype, ReadOnlySpan<byte> bytes)
    {
        IFormattable value = dtype switch
        {
            "F8_E4M3" => Float8.ToSingle(bytes[0]),
            "I8" => (sbyte)bytes[0],
            "BF16" => BFloat16.ToSingle(MemoryMarshal.Read<ushort>(bytes)),
            "F16" => (float)MemoryMarshal.Read<Half>(bytes),
            "I16" => MemoryMarshal.Read<short>(bytes),
            "U16" => MemoryMarshal.Read<ushort>(bytes),
            "F32" => MemoryMarshal.Read<float>(bytes),
            "I32" => MemoryMarshal.Read<int>(bytes),
            "U32" => MemoryMarshal.Read<uint>(bytes),
            "F64" => MemoryMarshal.Read<double>(bytes),
            "I64" => MemoryMarshal.Read<long>(bytes),
            "U64" => MemoryMarshal.Read<ulong>(bytes),
            _ => bytes[0],
        };
        return value.ToString(null, CultureInfo.InvariantCulture);
    }
}
