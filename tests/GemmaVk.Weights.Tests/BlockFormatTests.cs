using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Weights.Gguf;
using GemmaVk.Weights.Gguf.Blocks;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>GGUF's block formats: what ggml decodes of random blocks, and blocks made by hand from the published layouts.</summary>
public class BlockFormatTests
{
    private static readonly byte[] Half = [0x00, 0x38], One = [0x00, 0x3C], Two = [0x00, 0x40];

    public static TheoryData<string> Formats => ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void BlocksAreWhatGgmlDecodes(string format)
    {
        using SafetensorsFile golden = SafetensorsFile.Open(Repository.Golden("gguf", "blocks.safetensors"));
        FileTensor expected = golden.Tensors[format + ".values"], blocks = golden.Tensors[format + ".blocks"];
        GgmlType type = GgmlType.Named(format)!;
        Assert.Equal((blocks.Extents[1], expected.Extents[1]), ((long)type.BlockBytes, (long)type.BlockElements));
        float[] values = new float[expected.ByteLength / sizeof(float)];
        BlockFormats.Decode(type, golden.Bytes(blocks), values);
        float[] theirs = MemoryMarshal.Cast<byte, float>(golden.Bytes(expected)).ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            // A minimum is subtracted in one rounding there and in two here.
            float scale = theirs.Skip(i / 32 * 32).Take(32).Max(MathF.Abs);
            Assert.True(
                format is "Q4_1" or "Q5_1" or "Q2_K" or "Q4_K" or "Q5_K" ? MathF.Abs(values[i] - theirs[i]) <= scale * 2e-7f : values[i] == theirs[i],
                $"{format}, element {i}: {values[i]:R} and not {theirs[i]:R}");
        }
    }

    [Fact]
    public void HandMadeBlocksOf32()
    {
        // Byte j: q of element j in the low nibble, of j + 16 in the high one.
        byte[] nibbles = [.. Enumerable.Range(0, 16).Select(j => (byte)(j | ((15 - j) << 4)))];
        Check("Q4_0", [.. Half, .. nibbles], i => 0.5f * ((i < 16 ? i : 31 - i) - 8));
        Check("Q4_1", [.. Half, .. Two, .. nibbles], i => (0.5f * (i < 16 ? i : 31 - i)) + 2);
        // Fifth bits of elements 0 and 31 alone.
        byte[] fifth = [1, 0, 0, 0x80];
        Check("Q5_0", [.. Half, .. fifth, .. nibbles], i => 0.5f * ((i < 16 ? i : 31 - i) + (i is 0 or 31 ? 16 : 0) - 16));
        Check("Q5_1", [.. Half, .. Two, .. fifth, .. nibbles], i => (0.5f * ((i < 16 ? i : 31 - i) + (i is 0 or 31 ? 16 : 0))) + 2);
        Check("Q8_0", [.. Half, .. Enumerable.Range(0, 32).Select(i => (byte)(sbyte)(i - 16))], i => 0.5f * (i - 16));
    }

    [Fact]
    public void HandMadeTables()
    {
        byte[] nibbles = [.. Enumerable.Range(0, 16).Select(j => (byte)(j | ((15 - j) << 4)))];
        int[] levels = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
        Check("IQ4_NL", [.. Half, .. nibbles], i => 0.5f * levels[i < 16 ? i : 31 - i]);
        // Scale 33 in the second group (upper bits 2, lower 1), 32 elsewhere: minus 32 leaves 1 there and 0 elsewhere.
        Check("IQ4_XS", [.. Half, 0xAA, 0xAA, 0x10, 0, 0, 0, .. Enumerable.Repeat(nibbles, 8).SelectMany(group => group)], i => i / 32 == 1 ? 0.5f * levels[i % 32 < 16 ? i % 32 : 31 - (i % 32)] : 0);
        float[] e2m1 = [0, 0.5f, 1, 1.5f, 2, 3, 4, 6, 0, -0.5f, -1, -1.5f, -2, -3, -4, -6];
        // 127 is 2^0, 130 is 2^3.
        Check("MXFP4", [127, .. nibbles], i => e2m1[i < 16 ? i : 31 - i]);
        Check("MXFP4", [130, .. nibbles], i => 8 * e2m1[i < 16 ? i : 31 - i]);
    }

    [Fact]
    public void HandMadeSuperBlocks()
    {
        // Six-bit scales 1 .. 8 and minima 8 .. 1 in twelve bytes: the first four of each in a byte's low bits, the others in nibbles below their upper bits.
        byte[] scales = [1, 2, 3, 4, 8, 7, 6, 5, 5 | (4 << 4), 6 | (3 << 4), 7 | (2 << 4), 8 | (1 << 4)];
        byte[] nibbles = [.. Enumerable.Range(0, 128).Select(j => (byte)((j % 16) | (((j + 1) % 16) << 4)))];
        int Q(int i) => ((i % 32) + (i / 32 % 2)) % 16;
        Check("Q4_K", [.. Half, .. Two, .. scales, .. nibbles], i => (0.5f * (1 + (i / 32)) * Q(i)) - (2f * (8 - (i / 32))));
        // The fifth bit of the last group.
        Check("Q5_K", [.. Half, .. Two, .. scales, .. Enumerable.Repeat((byte)0x80, 32), .. nibbles], i => (0.5f * (1 + (i / 32)) * (Q(i) + (i / 32 == 7 ? 16 : 0))) - (2f * (8 - (i / 32))));
        // Scale i + 1 in the low nibble and minimum 15 - i in the high one; two bits of each byte in turn.
        byte[] pairs = [.. Enumerable.Range(0, 16).Select(i => (byte)(((i + 1) & 15) | ((15 - i) << 4)))];
        Check("Q2_K", [.. pairs, .. Enumerable.Repeat((byte)0b11_10_01_00, 64), .. Half, .. One], i => (0.5f * ((i / 16 + 1) & 15) * (i % 128 / 32)) - (15 - (i / 16)));
        // Scale 33 in the first group and 32 in the others: minus 32 leaves 1 and 0. Third bits set: q as it is.
        byte[] threes = [1, 0, 0, 0, 0, 0, 0, 0, 0xAA, 0xAA, 0xAA, 0xAA];
        Check("Q3_K", [.. Enumerable.Repeat((byte)0xFF, 32), .. Enumerable.Repeat((byte)0b11_10_01_11, 64), .. threes, .. Half], i => i < 16 ? 0.5f * 3 : 0);
        // Nibbles 5, upper bits 2 for the first 32 of each half: 5 + 32 - 32; elsewhere 5 - 32. Scales -1, 1, -1, ...
        Check(
            "Q6_K", [.. Enumerable.Repeat((byte)0x55, 128), .. Enumerable.Repeat((byte)2, 64), .. Enumerable.Range(0, 16).Select(g => (byte)(sbyte)(g % 2 == 0 ? -1 : 1)), .. Half],
            i => 0.5f * (i / 16 % 2 == 0 ? -1 : 1) * (i % 128 < 32 ? 5 : -27));
    }

    private static void Check(string format, byte[] block, Func<int, float> expected)
    {
        GgmlType type = GgmlType.Named(format)!;
        Assert.Equal(type.BlockBytes, block.Length);
        float[] values = new float[type.BlockElements];
        BlockFormats.Decode(type, block, values);
        Assert.Equal(Enumerable.Range(0, values.Length).Select(expected), values);
    }
}
