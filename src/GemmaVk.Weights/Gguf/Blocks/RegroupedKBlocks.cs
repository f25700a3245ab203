using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf.Blocks;

// Letters: d scale, m minimum, g group of 32 elements.

/// <summary>
/// K-quants in the order of <see cref="KBlocks"/>: the same integers, the same scales, and so every value as it was.
/// <code>
/// Q4_K   d, m, twelve bytes, nibbles of groups 2i and 2i + 1 in a byte   ->   Q4K   the first sixteen bytes are the header
/// Q5_K   the same and 32 bytes of fifth bits                             ->   Q5K   likewise
/// Q6_K   nibbles, upper bits, sixteen scales, d                          ->   Q6K   scales and d are the header
/// Q3_K   third bits, two bits, sixteen 6-bit scales, d                   ->   Q6K   q - 4 + 32, scale - 32
/// </code>
/// The layouts of the left side stand in <see cref="SuperBlocks"/>.
/// </summary>
internal static class RegroupedKBlocks
{
    /// <summary>Takes whole blocks apart; false if a scale is not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TakeApart(GgmlType type, DType format, ReadOnlySpan<byte> stored, Span<byte> data, Span<ushort> scale)
    {
        int bytes = KBlocks.Bytes(format), units = KBlocks.HeaderUnits(format);
        for (int b = 0; b < stored.Length / type.BlockBytes; b++)
        {
            ReadOnlySpan<byte> block = stored.Slice(b * type.BlockBytes, type.BlockBytes);
            Span<ushort> header = scale.Slice(b * units, units);
            Header(type, block, header);
            if (!IsFinite(header[format == DType.Q6K ? 8 : 0]) || !IsFinite(header[format == DType.Q6K ? 8 : 1]))
            {
                return false;
            }

            Span<byte> to = data.Slice(b * bytes, bytes);
            for (int g = 0; g < 8; g++)
            {
                Codes(type, block, g, out Vector128<byte> first, out Vector128<byte> second);
                KBlocks.Put(format, first, second, to, g);
            }
        }

        return true;
    }

    private static bool IsFinite(ushort half) => (half & 0x7C00) != 0x7C00;

    private static void Header(GgmlType type, ReadOnlySpan<byte> block, Span<ushort> header)
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(header);
        switch (type.Name)
        {
            case "Q6_K":
                block.Slice(192, 18).CopyTo(bytes);
                break;
            case "Q3_K":
                for (int i = 0; i < 16; i++)
                {
                    bytes[i] = (byte)(sbyte)(SuperBlocks.Q3Scale(block[96..], i) - 32);
                }

                header[8] = BinaryPrimitives.ReadUInt16LittleEndian(block[108..]);
                break;
            default:
                block[..16].CopyTo(bytes);
                break;
        }
    }

    /// <summary>The integers of a group in the order of its elements, as the format that takes them has them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Codes(GgmlType type, ReadOnlySpan<byte> block, int g, out Vector128<byte> first, out Vector128<byte> second)
    {
        switch (type.Name)
        {
            case "Q6_K":
                // 128 elements share 64 bytes of nibbles, the first 64 of them in the low ones, and 32 bytes of two upper bits each.
                Load(block[((64 * (g / 4)) + (32 * (g % 2)))..], 4 * (g / 2 % 2), 15, out first, out second);
                Load(block[(128 + (32 * (g / 4)))..], 2 * (g % 4), 3, out Vector128<byte> upper, out Vector128<byte> rest);
                first |= upper << 4;
                second |= rest << 4;
                break;
            case "Q3_K":
                Load(block[(32 + (32 * (g / 4)))..], 2 * (g % 4), 3, out first, out second);
                Load(block, g, 1, out Vector128<byte> third, out Vector128<byte> others);
                first += (third << 2) + Vector128.Create((byte)(KBlocks.Offset - 4));
                second += (others << 2) + Vector128.Create((byte)(KBlocks.Offset - 4));
                break;
            default:
                Load(block[((type.Name == "Q5_K" ? 48 : 16) + (32 * (g / 2)))..], 4 * (g % 2), 15, out first, out second);
                if (type.Name == "Q5_K")
                {
                    Load(block[16..], g, 1, out Vector128<byte> fifth, out Vector128<byte> more);
                    first |= fifth << 4;
                    second |= more << 4;
                }

                break;
        }
    }

    /// <summary>The same bits of 32 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(ReadOnlySpan<byte> bytes, int shift, byte mask, out Vector128<byte> first, out Vector128<byte> second)
    {
        first = (Vector128.Create(bytes[..16]) >> shift) & Vector128.Create(mask);
        second = (Vector128.Create(bytes.Slice(16, 16)) >> shift) & Vector128.Create(mask);
    }
}
