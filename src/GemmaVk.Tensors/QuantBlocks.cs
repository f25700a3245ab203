using System;
using System.Runtime.InteropServices;

namespace GemmaVk.Tensors;

// Letters: N rows (outputs), K columns (inputs).

/// <summary>
/// Byte layouts of a weight matrix [N, K] in kernel memory. Rows follow each other without padding; data and scales
/// are two separate arrays, so that a checkpoint's own INT4 bytes can be used in place.
/// <code>
/// format   data                                            scale                      bits per weight
/// Q4       uint32 [N, K/8]                                 BF16 [N, K/32]             4.5
///            word j of a row holds columns 8j .. 8j+7:
///            bits  3..0 column 8j, 7..4 column 8j+1, ... 31..28 column 8j+7
///            value = (nibble - 8) * scale[r, c / 32]        (offset binary, -8 .. 7)
/// Q8       int8 [N, K]      value = q * scale[r, c / 32]   BF16 [N, K/32]             8.5
/// Q4F16    as Q4                                           F16 [N, K/32]              4.5
/// Q8F16    as Q8                                           F16 [N, K/32]              8.5
/// Q4K      bytes [N, K/256, 128]                           16 bits [N, K/256, 8]      4.5
/// Q5K      bytes [N, K/256, 160]                           16 bits [N, K/256, 8]      5.5
/// Q6K      bytes [N, K/256, 192]                           16 bits [N, K/256, 9]      6.5625
/// F8E4M3   byte [N, K]      value = e4m3(b) * scale[r]     BF16 [N]                   8
/// BF16     uint16 [N, K]                                   none                       16
/// F16      uint16 [N, K]                                   none                       16
/// F32      float [N, K]                                    none                       32
/// </code>
/// K is a multiple of 32 in every format, and of 256 in Q4K, Q5K and Q6K, whose blocks <see cref="KBlocks"/> draws. Q4 is the layout of compressed-tensors "pack-quantized" with four bits
/// (its packing adds eight before it masks). GGUF's Q4_0 and Q8_0 have the same integers, the former's nibbles in another order, beside scales of
/// F16: three bits more than BF16 holds, so they have formats of their own here, which keep every value.
/// </summary>
public static class QuantBlocks
{
    /// <summary>Columns that share one scale in the formats of integers.</summary>
    public const int GroupSize = 32;

    /// <summary>Bytes of the data of one row of <paramref name="columns"/> values.</summary>
    public static long RowBytes(DType format, long columns) => format switch
    {
        DType.Q4 or DType.Q4F16 or DType.Q4K => columns / 2,
        DType.Q5K => columns * 5 / 8,
        DType.Q6K => columns * 3 / 4,
        DType.Q8 or DType.Q8F16 or DType.F8E4M3 or DType.I8 or DType.U8 => columns,
        DType.BF16 or DType.F16 => columns * 2,
        DType.F32 or DType.I32 => columns * 4,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "not a matrix format"),
    };

    /// <summary>Whether a matrix has this format.</summary>
    public static bool IsMatrix(DType format) => HasGroups(format) || format is DType.F8E4M3 or DType.BF16 or DType.F32;

    /// <summary>Columns of a row are a multiple of this.</summary>
    public static int ColumnStep(DType format) => KBlocks.Has(format) ? KBlocks.Columns : GroupSize;

    /// <summary>Whether a format has integers in groups of 32, which INT8 activations meet as integers.</summary>
    public static bool HasGroups(DType format) => format is DType.Q4 or DType.Q8 or DType.Q4F16 or DType.Q8F16 || KBlocks.Has(format);

    /// <summary>Whether two columns share a byte: INT8 activations then come even columns first.</summary>
    public static bool HasNibbles(DType format) => format is DType.Q4 or DType.Q4F16 || KBlocks.Has(format);

    /// <summary>Whether two formats take the same rows of activations: floats, or INT8 in one order.</summary>
    public static bool TakeSameRows(DType a, DType b) => HasGroups(a) == HasGroups(b) && HasNibbles(a) == HasNibbles(b);

    /// <summary>Type of a format's scales: F16 or BF16. Where they are F16 and small integers, 16 bits of those count as one.</summary>
    public static DType ScaleType(DType format) => format is DType.Q4F16 or DType.Q8F16 || KBlocks.Has(format) ? DType.F16 : DType.BF16;

    /// <summary>A scale of a format with one per group or row as a float: exact.</summary>
    public static float Scale(DType format, ushort bits) => ScaleType(format) == DType.F16 ? Float16.ToSingle(bits) : BFloat16.ToSingle(bits);

    /// <summary>Scales of 16 bits per row: K/32 for most formats with groups, one for FP8, none otherwise.</summary>
    public static long RowScales(DType format, long columns) => format switch
    {
        DType.Q4 or DType.Q8 or DType.Q4F16 or DType.Q8F16 => columns / GroupSize,
        DType.Q4K or DType.Q5K or DType.Q6K => columns / KBlocks.Columns * KBlocks.HeaderUnits(format),
        DType.F8E4M3 => 1,
        _ => 0,
    };

    /// <summary>Bytes per matrix, data and scales together.</summary>
    public static long MatrixBytes(DType format, long rows, long columns) =>
        checked(rows * (RowBytes(format, columns) + 2 * RowScales(format, columns)));

    /// <summary>The decode formula of one weight: row <paramref name="r"/>, column <paramref name="c"/> of [N, K].</summary>
    /// <param name="format">Format of the matrix.</param>
    /// <param name="data">All data bytes, rows first.</param>
    /// <param name="scale">All scales, rows first; empty for formats without.</param>
    /// <param name="columns">K.</param>
    /// <param name="r">Row.</param>
    /// <param name="c">Column.</param>
    public static float Value(DType format, ReadOnlySpan<byte> data, ReadOnlySpan<ushort> scale, int columns, int r, int c)
    {
        ReadOnlySpan<byte> row = data.Slice(checked((int)(r * RowBytes(format, columns))), (int)RowBytes(format, columns));
        switch (format)
        {
            case DType.Q4 or DType.Q4F16:
                int nibble = (c & 1) == 0 ? row[c / 2] & 15 : row[c / 2] >> 4;
                return (nibble - 8) * Scale(format, scale[(r * (columns / GroupSize)) + (c / GroupSize)]);
            case DType.Q8 or DType.Q8F16:
                return (sbyte)row[c] * Scale(format, scale[(r * (columns / GroupSize)) + (c / GroupSize)]);
            case DType.Q4K or DType.Q5K or DType.Q6K:
                int block = c / KBlocks.Columns, units = KBlocks.HeaderUnits(format);
                ReadOnlySpan<ushort> header = scale.Slice((r * (columns / KBlocks.Columns) * units) + (block * units), units);
                return KBlocks.Value(format, row.Slice(block * KBlocks.Bytes(format), KBlocks.Bytes(format)), header, c % KBlocks.Columns);
            case DType.F8E4M3:
                return Float8.ToSingle(row[c]) * BFloat16.ToSingle(scale[r]);
            case DType.BF16:
                return BFloat16.ToSingle(MemoryMarshal.Cast<byte, ushort>(row)[c]);
            case DType.F16:
                return (float)MemoryMarshal.Cast<byte, Half>(row)[c];
            case DType.F32:
                return MemoryMarshal.Cast<byte, float>(row)[c];
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "not a matrix format");
        }
    }
}
