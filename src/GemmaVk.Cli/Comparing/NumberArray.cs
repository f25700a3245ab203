using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Comparing;

/// <summary>An array of a file or of memory, read as numbers piece by piece: a trace of the 12B is longer than a span can be.</summary>
/// <param name="name">Its name.</param>
/// <param name="dtype">Element type as safetensors write it.</param>
/// <param name="extents">Shape, outermost first.</param>
/// <param name="read">Copies bytes from an offset on.</param>
internal sealed class NumberArray(string name, string dtype, IReadOnlyList<long> extents, NumberArray.Reader read)
{
    /// <summary>Fills <paramref name="bytes"/> with the array's, from <paramref name="first"/> on.</summary>
    public delegate void Reader(long first, Span<byte> bytes);

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Element type as safetensors write it.</summary>
    public string DType => dtype;

    /// <summary>Shape, outermost first.</summary>
    public IReadOnlyList<long> Extents => extents;

    /// <summary>Elements.</summary>
    public long Count { get; } = extents.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>Bytes of an element; 0 for a type that has no numbers.</summary>
    public int Width { get; } = dtype switch
    {
        "BOOL" or "U8" or "I8" => 1,
        "BF16" or "F16" or "I16" or "U16" => 2,
        "F32" or "I32" or "U32" => 4,
        "F64" or "I64" or "U64" => 8,
        _ => 0,
    };

    /// <summary>Whether its numbers have fractions.</summary>
    public bool IsReal => dtype is "F32" or "F64" or "F16" or "BF16";

    /// <summary>Type and shape as messages write them.</summary>
    public string Kind => $"{dtype} [{string.Join(", ", extents.Select(extent => extent.ToString(CultureInfo.InvariantCulture)))}]";

    /// <summary>An array of a file, which must outlive it.</summary>
    public static NumberArray Of(TensorFile file, FileTensor tensor) => new(tensor.Name, tensor.DType, tensor.Extents, (first, bytes) => file.Read(tensor, first, bytes));

    /// <summary>A vector in memory.</summary>
    public static NumberArray Of(string name, string dtype, byte[] bytes, params long[] extents) => new(name, dtype, extents, (first, into) => bytes.AsSpan((int)first, into.Length).CopyTo(into));

    /// <summary>All bytes of an array that is small.</summary>
    public byte[] Bytes()
    {
        byte[] bytes = new byte[checked((int)(Count * Width))];
        read(0, bytes);
        return bytes;
    }

    /// <summary>All elements of an array that is small, as floats.</summary>
    public float[] Floats()
    {
        double[] values = new double[checked((int)Count)];
        Read(0, values);
        return Array.ConvertAll(values, value => (float)value);
    }

    /// <summary>Elements from <paramref name="first"/> on.</summary>
    public void Read(long first, Span<double> values)
    {
        byte[] bytes = new byte[values.Length * Width];
        read(first * Width, bytes);
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> at = bytes.AsSpan(i * Width, Width);
            values[i] = dtype switch
            {
                "F32" => MemoryMarshal.Read<float>(at),
                "F64" => MemoryMarshal.Read<double>(at),
                "F16" => (double)MemoryMarshal.Read<Half>(at),
                "BF16" => BFloat16.ToSingle(MemoryMarshal.Read<ushort>(at)),
                "I8" => (sbyte)at[0],
                "I16" => MemoryMarshal.Read<short>(at),
                "U16" => MemoryMarshal.Read<ushort>(at),
                "I32" => MemoryMarshal.Read<int>(at),
                "U32" => MemoryMarshal.Read<uint>(at),
                "I64" => MemoryMarshal.Read<long>(at),
                "U64" => MemoryMarshal.Read<ulong>(at),
                _ => at[0],
            };
        }
    }

    /// <summary>
    /// Whether two shapes hold the same numbers in the same order and differ only in which extents are joined, as heads and their
    /// width are in [n, H * W] and [n, H, W].
    /// </summary>
    public static bool SameLayout(IReadOnlyList<long> a, IReadOnlyList<long> b)
    {
        HashSet<long> Products(IReadOnlyList<long> extents)
        {
            long product = 1;
            return [.. extents.Select(extent => product *= extent)];
        }

        (HashSet<long> first, HashSet<long> second) = (Products(a), Products(b));
        return first.IsSubsetOf(second) || second.IsSubsetOf(first) ? a.Aggregate(1L, (x, y) => x * y) == b.Aggregate(1L, (x, y) => x * y) : false;
    }
}
