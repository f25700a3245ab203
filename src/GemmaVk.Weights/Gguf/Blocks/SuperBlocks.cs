using System;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf.Blocks;

// Letters: d scale, m minimum, q integer.

/// <summary>
/// The formats of 256 elements with an F16 scale for all and a small integer per 16 or 32 of them, decoded one by one.
/// <code>
/// Q2_K   16 x (4-bit scale, 4-bit minimum), 64 bytes of 2 bits, F16 d, F16 m         value = d * scale * q - m * minimum, per 16
/// Q3_K   32 bytes of third bits, 64 bytes of 2 bits, 12 bytes of 6-bit scales, F16 d  value = d * (scale - 32) * (q - 4), per 16
/// Q4_K   F16 d, F16 m, 12 bytes of 6-bit scales and minima, 128 bytes of nibbles      value = d * scale * q - m * minimum, per 32
/// Q5_K   F16 d, F16 m, 12 bytes likewise, 32 bytes of fifth bits, 128 bytes           the same, per 32
/// Q6_K   128 bytes of nibbles, 64 bytes of 2 upper bits, 16 signed scales, F16 d      value = d * scale * (q - 32), per 16
/// </code>
/// Source: ggml-common.h and ggml-quants.c of the ggml project (block_q4_K and its like).
/// </summary>
internal static class SuperBlocks
{
    public static void Q2K(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = BlocksOf32.Half(block[80..]), m = BlocksOf32.Half(block[82..]);
        for (int i = 0; i < 256; i++)
        {
            // 128 elements share 32 bytes, two bits of each per 32 elements.
            int group = i / 16, q = (block[16 + (i / 128 * 32) + (i % 32)] >> (2 * (i % 128 / 32))) & 3;
            values[i] = (d * (block[group] & 15) * q) - (m * (block[group] >> 4));
        }
    }

    public static void Q3K(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = BlocksOf32.Half(block[108..]);
        ReadOnlySpan<byte> scales = block[96..];
        for (int i = 0; i < 256; i++)
        {
            int group = i / 16;
            int q = (block[32 + (i / 128 * 32) + (i % 32)] >> (2 * (i % 128 / 32))) & 3;
            bool third = ((block[i % 32] >> (i / 32)) & 1) != 0;
            values[i] = d * (Q3Scale(scales, group) - 32) * (third ? q : q - 4);
        }
    }

    public static void Q4K(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = BlocksOf32.Half(block), m = BlocksOf32.Half(block[2..]);
        for (int group = 0; group < 8; group++)
        {
            (int scale, int minimum) = KBlocks.ScaleAndMinimum(block[4..], group);
            float step = d * scale, least = m * minimum;
            ReadOnlySpan<byte> bytes = block.Slice(16 + (group / 2 * 32), 32);
            for (int j = 0; j < 32; j++)
            {
                values[(32 * group) + j] = (step * ((bytes[j] >> (4 * (group & 1))) & 15)) - least;
            }
        }
    }

    public static void Q5K(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = BlocksOf32.Half(block), m = BlocksOf32.Half(block[2..]);
        for (int group = 0; group < 8; group++)
        {
            (int scale, int minimum) = KBlocks.ScaleAndMinimum(block[4..], group);
            float step = d * scale, least = m * minimum;
            ReadOnlySpan<byte> fifth = block.Slice(16, 32), bytes = block.Slice(48 + (group / 2 * 32), 32);
            for (int j = 0; j < 32; j++)
            {
                int q = ((bytes[j] >> (4 * (group & 1))) & 15) | (((fifth[j] >> group) & 1) << 4);
                values[(32 * group) + j] = (step * q) - least;
            }
        }
    }

    public static void Q6K(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = BlocksOf32.Half(block[208..]);
        for (int half = 0; half < 2; half++)
        {
            ReadOnlySpan<byte> nibbles = block.Slice(64 * half, 64), upper = block.Slice(128 + (32 * half), 32), scales = block.Slice(192 + (8 * half), 8);
            for (int i = 0; i < 128; i++)
            {
                int nibble = i < 64 ? nibbles[i] & 15 : nibbles[i - 64] >> 4;
                int q = (nibble | (((upper[i % 32] >> (2 * (i / 32))) & 3) << 4)) - 32;
                values[(128 * half) + i] = d * (sbyte)scales[i / 16] * q;
            }
        }
    }

    /// <summary>The 6-bit scale of a group of 16 in Q3_K, 32 too large: eight bytes of low nibbles, then four of upper bits.</summary>
    public static int Q3Scale(ReadOnlySpan<byte> packed, int group) =>
        ((packed[group % 8] >> (4 * (group / 8))) & 15) | (((packed[8 + (group % 4)] >> (2 * (group / 4))) & 3) << 4);
}
