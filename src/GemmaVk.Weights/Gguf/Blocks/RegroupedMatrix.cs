using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GemmaVk.Tensors;
using GemmaVk.Weights.Repack;

namespace GemmaVk.Weights.Gguf.Blocks;

// Letters: N rows, K columns, j place within half a block.

/// <summary>
/// Step 5 of the weight path; from TensorSource, to the backend. Blocks of integers and scales, taken apart into integers and scales;
/// every value stays exactly what it is.
/// <code>
/// Q4_0     F16 d, nibbles (j, j + 16) in a byte   ->   Q4F16   d as it is, nibbles (2j, 2j + 1) in a byte
/// Q8_0     F16 d, signed bytes                    ->   Q8F16   both as they are
/// Q5_0     F16 d, five bits, offset 16            ->   Q8F16   q - 16
/// IQ4_NL   F16 d, places in a table of bytes      ->   Q8F16   the bytes of the table
/// MXFP4    2^(e - 128), places in a table         ->   Q8      the bytes of the table, the power of two as BF16
/// Q4_K     and the other K-quants with a format of their own or a wider one: <see cref="RegroupedKBlocks"/>
/// </code>
/// </summary>
internal sealed class RegroupedMatrix(BlockMatrix blocks, DType format) : MatrixSource
{
    private const int Group = QuantBlocks.GroupSize;

    public override string Name => blocks.Name;

    public override DType Format => format;

    public override int Rows => blocks.Rows;

    public override int Columns => blocks.Columns;

    /// <summary>The format that a type's blocks are taken apart into; null for types that are not of that kind.</summary>
    public static DType? FormatOf(GgmlType type) => type.Name switch
    {
        "Q4_0" => DType.Q4F16,
        "Q8_0" or "Q5_0" or "IQ4_NL" => DType.Q8F16,
        "MXFP4" => DType.Q8,
        "Q4_K" => DType.Q4K,
        "Q5_K" => DType.Q5K,
        "Q6_K" or "Q3_K" => DType.Q6K,
        _ => null,
    };

    public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale)
    {
        int stored = blocks.StoredRowBytes, rowBytes = (int)QuantBlocks.RowBytes(format, Columns), rowScales = (int)QuantBlocks.RowScales(format, Columns);
        byte[] row = ArrayPool<byte>.Shared.Rent(stored);
        try
        {
            for (int r = 0; r < count; r++)
            {
                blocks.ReadStored(first + r, row.AsSpan(0, stored));
                if (!TakeApart(blocks.Type, row.AsSpan(0, stored), data.Slice(r * rowBytes, rowBytes), scale.Slice(r * rowScales, rowScales)))
                {
                    throw Conversion.NotFinite(Name, first + r);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(row);
        }
    }

    public override void Release(int first, int count) => blocks.Release(first, count);

    /// <summary>Takes whole blocks apart; false if a scale is not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TakeApart(GgmlType type, ReadOnlySpan<byte> stored, Span<byte> data, Span<ushort> scale)
    {
        if (type.BlockElements == KBlocks.Columns)
        {
            return RegroupedKBlocks.TakeApart(type, FormatOf(type)!.Value, stored, data, scale);
        }

        bool exponent = type.Name == "MXFP4";
        for (int g = 0; g < scale.Length; g++)
        {
            ReadOnlySpan<byte> block = stored.Slice(g * type.BlockBytes, type.BlockBytes);
            scale[g] = exponent ? (ushort)(BitConverter.SingleToUInt32Bits(TableBlocks.HalfScale(block[0])) >> 16) : BinaryPrimitives.ReadUInt16LittleEndian(block);
            if (exponent ? block[0] == 255 : (scale[g] & 0x7C00) == 0x7C00)
            {
                return false;
            }

            switch (type.Name)
            {
                case "Q4_0":
                    Nibbles(block[2..], data[(g * 16)..]);
                    break;
                case "Q8_0":
                    block[2..].CopyTo(data[(g * Group)..]);
                    break;
                case "Q5_0":
                    for (int j = 0; j < Group; j++)
                    {
                        data[(g * Group) + j] = (byte)(sbyte)(BlocksOf32.Five(block[2..], j) - 16);
                    }

                    break;
                default:
                    Look(exponent ? TableBlocks.E2M1 : TableBlocks.Levels, block[(exponent ? 1 : 2)..], data[(g * Group)..]);
                    break;
            }
        }

        return true;
    }

    /// <summary>Sixteen bytes of nibbles (j, j + 16) to sixteen of (2j, 2j + 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Nibbles(ReadOnlySpan<byte> from, Span<byte> to)
    {
        Vector128<byte> bytes = Vector128.Create(from[..16]), low = Vector128.Create((byte)15);
        Vector128<ushort> first = (bytes & low).AsUInt16(), second = ((bytes >> 4) & low).AsUInt16();
        // Two neighbours share a 16-bit lane, one in each byte: fold the upper onto the lower one.
        Vector128<ushort> mask = Vector128.Create((ushort)0xFF);
        Vector128.Narrow((first | (first >> 4)) & mask, (second | (second >> 4)) & mask).CopyTo(to);
    }

    private static void Look(ReadOnlySpan<sbyte> table, ReadOnlySpan<byte> nibbles, Span<byte> data)
    {
        Vector128<byte> levels = Vector128.Create(MemoryMarshal.Cast<sbyte, byte>(table)), bytes = Vector128.Create(nibbles[..16]), low = Vector128.Create((byte)15);
        Vector128.Shuffle(levels, bytes & low).CopyTo(data);
        Vector128.Shuffle(levels, (bytes >> 4) & low).CopyTo(data[16..]);
    }
}
