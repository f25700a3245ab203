using System;
using System.Buffers.Binary;

namespace GemmaVk.Weights.Gguf.Blocks;

// Letters: d scale, j place within half a block.

/// <summary>
/// The formats whose nibbles are places in a table, decoded one by one.
/// <code>
/// IQ4_NL   F16 d, 16 bytes of nibbles                                           value = d * table[q]
/// IQ4_XS   F16 d, 16 upper scale bits, 4 bytes of lower ones, 128 bytes         value = d * (scale - 32) * table[q], per 32
/// MXFP4    exponent byte e, 16 bytes of nibbles                                 value = 2^(e - 128) * table[q]: twice the E2M1 number times half the scale
/// </code>
/// Source: ggml-common.h and ggml-quants.c of the ggml project; MXFP4: OCP Microscaling Formats (MX) specification 1.0.
/// </summary>
internal static class TableBlocks
{
    /// <summary>Sixteen levels that lie closer together near zero.</summary>
    public static ReadOnlySpan<sbyte> Levels => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <summary>The numbers of E2M1, doubled.</summary>
    public static ReadOnlySpan<sbyte> E2M1 => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    public static void Iq4Nl(ReadOnlySpan<byte> block, Span<float> values) => Look(BlocksOf32.Half(block), Levels, block[2..], values);

    public static void Iq4Xs(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = BlocksOf32.Half(block);
        int upper = BinaryPrimitives.ReadUInt16LittleEndian(block[2..]);
        for (int group = 0; group < 8; group++)
        {
            int scale = ((block[4 + (group / 2)] >> (4 * (group & 1))) & 15) | (((upper >> (2 * group)) & 3) << 4);
            Look(d * (scale - 32), Levels, block[(8 + (16 * group))..], values[(32 * group)..]);
        }
    }

    public static void Mxfp4(ReadOnlySpan<byte> block, Span<float> values) => Look(HalfScale(block[0]), E2M1, block[1..], values);

    /// <summary>Half of the power of two that an exponent byte means: 2^(e - 128).</summary>
    public static float HalfScale(byte e) => BitConverter.UInt32BitsToSingle(e < 2 ? 0x00200000u << e : (uint)(e - 1) << 23);

    private static void Look(float d, ReadOnlySpan<sbyte> table, ReadOnlySpan<byte> nibbles, Span<float> values)
    {
        for (int j = 0; j < 16; j++)
        {
            values[j] = d * table[nibbles[j] & 15];
            values[j + 16] = d * table[nibbles[j] >> 4];
        }
    }
}
