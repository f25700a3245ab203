using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GemmaVk.Tensors;

// Letters: d and m F16 numbers of a block, g group of 32 columns (0 .. 7), i column within a group.

/// <summary>
/// The formats whose rows are blocks of 256 columns, each with a header of its own among the scales. They hold what GGUF's K-quants hold, value by value and
/// in as many bytes, in an order that suits a kernel.
/// <code>
/// format   block                                                          header, in units of 16 bits
/// Q4K      nibbles [8, 16]                                                d, m, then 12 bytes: scale and minimum of g, 6 bits each
/// Q5K      nibbles [8, 16], fifth bits uint32 [8]                         the same
/// Q6K      nibbles [8, 16], upper bits uint32 [8] and uint32 [8]          scales int8 [8, 2], d
///
/// nibble   byte i/2 of the group: low for even i, high for odd i, as in Q4
/// fifth    bit 2(i/8) + i%2 of byte i%8/2 of the group's word
/// upper    of i below 16 in the first word, else in the second: bits 4(i/8%2) + 2(i%2) and the next of byte i%8/2
///
/// value of Q4K and Q5K = d * scale[g] * q - m * minimum[g]                q the nibble and above it the fifth bit
/// value of Q6K         = d * scale[g, i/16] * (q - 32)                    q the nibble and above it two upper bits
/// </code>
/// The 12 bytes are GGUF's own: groups 0 .. 3 have their scale in the low six bits of bytes 0 .. 3 and their minimum in those of 4 .. 7; groups 4 .. 7 have the
/// low four bits of both in bytes 8 .. 11 and the upper two in the top of bytes 0 .. 3 and 4 .. 7. A scale (d times an integer) has at most 18 bits, so its products
/// with q are exact in F32, and a value is rounded once at most. Upper bits lie so that shifts alone move those of a word's four columns onto four nibbles.
/// </summary>
public static class KBlocks
{
    /// <summary>Columns of a block.</summary>
    public const int Columns = 256;

    /// <summary>What the integers of Q6K are too large by.</summary>
    public const int Offset = 32;

    private const uint Ones = 0x01010101;

    /// <summary>Whether a format has such blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Has(DType format) => format is DType.Q4K or DType.Q5K or DType.Q6K;

    /// <summary>Bytes of a block without its header.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bytes(DType format) => format == DType.Q4K ? 128 : format == DType.Q5K ? 160 : 192;

    /// <summary>Units of 16 bits of a header.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int HeaderUnits(DType format) => format == DType.Q6K ? 9 : 8;

    /// <summary>The integers of a group: of its even columns in order, and of its odd ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Codes(DType format, ReadOnlySpan<byte> block, int g, out Vector128<byte> evens, out Vector128<byte> odds)
    {
        Vector128<byte> bytes = Vector128.Create(block.Slice(16 * g, 16));
        evens = bytes & Vector128.Create((byte)15);
        odds = (bytes >> 4) & Vector128.Create((byte)15);
        if (format == DType.Q5K)
        {
            uint fifth = MemoryMarshal.Read<uint>(block[(128 + (4 * g))..]);
            evens |= ((Vector128.Create(fifth, fifth >> 2, fifth >> 4, fifth >> 6) & Vector128.Create(Ones)) << 4).AsByte();
            odds |= ((Vector128.Create(fifth >> 1, fifth >> 3, fifth >> 5, fifth >> 7) & Vector128.Create(Ones)) << 4).AsByte();
        }
        else if (format == DType.Q6K)
        {
            uint first = MemoryMarshal.Read<uint>(block[(128 + (4 * g))..]), second = MemoryMarshal.Read<uint>(block[(160 + (4 * g))..]);
            evens |= ((Vector128.Create(first, first >> 4, second, second >> 4) & Vector128.Create(3 * Ones)) << 4).AsByte();
            odds |= ((Vector128.Create(first >> 2, first >> 6, second >> 2, second >> 6) & Vector128.Create(3 * Ones)) << 4).AsByte();
        }
    }

    /// <summary>Puts the integers of a group into a block: the inverse of <see cref="Codes"/>.</summary>
    /// <param name="format">Format of the block.</param>
    /// <param name="first">Columns 0 .. 15 in order.</param>
    /// <param name="second">Columns 16 .. 31.</param>
    /// <param name="block">The block.</param>
    /// <param name="g">The group.</param>
    public static void Put(DType format, Vector128<byte> first, Vector128<byte> second, Span<byte> block, int g)
    {
        Vector128<ushort> low = Vector128.Create((ushort)0xFF);
        Vector128<byte> evens = Vector128.Narrow(first.AsUInt16() & low, second.AsUInt16() & low);
        Vector128<byte> odds = Vector128.Narrow(first.AsUInt16() >> 8, second.AsUInt16() >> 8);
        ((evens & Vector128.Create((byte)15)) | (odds << 4)).CopyTo(block[(16 * g)..]);
        Vector128<uint> e = (evens >> 4).AsUInt32(), o = (odds >> 4).AsUInt32();
        if (format == DType.Q5K)
        {
            uint fifth = e[0] | (e[1] << 2) | (e[2] << 4) | (e[3] << 6) | (o[0] << 1) | (o[1] << 3) | (o[2] << 5) | (o[3] << 7);
            MemoryMarshal.Write(block[(128 + (4 * g))..], fifth);
        }
        else if (format == DType.Q6K)
        {
            MemoryMarshal.Write(block[(128 + (4 * g))..], e[0] | (o[0] << 2) | (e[1] << 4) | (o[1] << 6));
            MemoryMarshal.Write(block[(160 + (4 * g))..], e[2] | (o[2] << 2) | (e[3] << 4) | (o[3] << 6));
        }
    }

    /// <summary>The 6-bit scale and minimum of a group.</summary>
    /// <param name="packed">Twelve bytes.</param>
    /// <param name="g">The group.</param>
    public static (int Scale, int Minimum) ScaleAndMinimum(ReadOnlySpan<byte> packed, int g) => g < 4
        ? (packed[g] & 63, packed[g + 4] & 63)
        : ((packed[g + 4] & 15) | ((packed[g - 4] >> 6) << 4), (packed[g + 4] >> 4) | ((packed[g] >> 6) << 4));

    /// <summary>What an integer of a column is multiplied by, and what is taken off the product: value = step * q - least.</summary>
    /// <param name="format">Format of the block.</param>
    /// <param name="header">Its header.</param>
    /// <param name="c">Column within the block; of Q6K 16 share a step, of the others 32.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (float Step, float Least) Scale(DType format, ReadOnlySpan<ushort> header, int c)
    {
        if (format == DType.Q6K)
        {
            float step = Float16.ToSingle(header[8]) * (sbyte)(header[c / 32] >> (c / 16 % 2 * 8));
            return (step, step * Offset);
        }

        (int scale, int minimum) = ScaleAndMinimum(MemoryMarshal.AsBytes(header[2..8]), c / 32);
        return (Float16.ToSingle(header[0]) * scale, Float16.ToSingle(header[1]) * minimum);
    }

    /// <summary>The decode formula of one weight.</summary>
    public static float Value(DType format, ReadOnlySpan<byte> block, ReadOnlySpan<ushort> header, int c)
    {
        Codes(format, block, c / 32, out Vector128<byte> evens, out Vector128<byte> odds);
        (float step, float least) = Scale(format, header, c);
        int q = (c & 1) == 0 ? evens[c % 32 / 2] : odds[c % 32 / 2];
        return (step * q) - least;
    }

    /// <summary>A block as floats.</summary>
    public static void Decode(DType format, ReadOnlySpan<byte> block, ReadOnlySpan<ushort> header, Span<float> values)
    {
        for (int g = 0; g < 8; g++)
        {
            Codes(format, block, g, out Vector128<byte> evens, out Vector128<byte> odds);
            (float step0, float least0) = Scale(format, header, 32 * g);
            (float step1, float least1) = Scale(format, header, (32 * g) + 16);
            for (int i = 0; i < 32; i += 2)
            {
                (float step, float least) = i < 16 ? (step0, least0) : (step1, least1);
                values[(32 * g) + i] = (step * evens[i / 2]) - least;
                values[(32 * g) + i + 1] = (step * odds[i / 2]) - least;
            }
        }
    }
}
