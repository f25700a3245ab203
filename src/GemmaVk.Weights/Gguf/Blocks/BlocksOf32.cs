using System;
using System.Buffers.Binary;

namespace GemmaVk.Weights.Gguf.Blocks;

// Letters: d scale, m minimum, q integer, j place within half a block.

/// <summary>
/// The formats with one scale per 32 elements, decoded one by one. Element j and element j + 16 share a byte, the first in its low nibble.
/// <code>
/// Q4_0   F16 d, 16 bytes of nibbles                          value = d * (q - 8)
/// Q4_1   F16 d, F16 m, 16 bytes of nibbles                   value = d * q + m
/// Q5_0   F16 d, U32 fifth bits, 16 bytes of nibbles          value = d * (q - 16)
/// Q5_1   F16 d, F16 m, U32 fifth bits, 16 bytes of nibbles   value = d * q + m
/// Q8_0   F16 d, 32 signed bytes                              value = d * q
/// </code>
/// Source: ggml-common.h and ggml-quants.c of the ggml project (block_q4_0 and its like).
/// </summary>
internal static class BlocksOf32
{
    public static void Q40(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Half(block);
        for (int j = 0; j < 16; j++)
        {
            values[j] = d * ((block[2 + j] & 15) - 8);
            values[j + 16] = d * ((block[2 + j] >> 4) - 8);
        }
    }

    public static void Q41(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Half(block), m = Half(block[2..]);
        for (int j = 0; j < 16; j++)
        {
            values[j] = (d * (block[4 + j] & 15)) + m;
            values[j + 16] = (d * (block[4 + j] >> 4)) + m;
        }
    }

    public static void Q50(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Half(block);
        for (int j = 0; j < 32; j++)
        {
            values[j] = d * (Five(block[2..], j) - 16);
        }
    }

    public static void Q51(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Half(block), m = Half(block[2..]);
        for (int j = 0; j < 32; j++)
        {
            values[j] = (d * Five(block[4..], j)) + m;
        }
    }

    public static void Q80(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Half(block);
        for (int j = 0; j < 32; j++)
        {
            values[j] = d * (sbyte)block[2 + j];
        }
    }

    /// <summary>An F16 as a float.</summary>
    public static float Half(ReadOnlySpan<byte> bytes) => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);

    /// <summary>Element j of five bits: the fifth ones stand together before the nibbles.</summary>
    public static int Five(ReadOnlySpan<byte> bits, int j)
    {
        int nibble = j < 16 ? bits[4 + j] & 15 : bits[4 + j - 16] >> 4;
        return nibble | (((bits[j >> 3] >> (j & 7)) & 1) << 4);
    }
}
