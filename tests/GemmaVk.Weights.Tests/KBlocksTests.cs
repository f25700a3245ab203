using System;
using System.Linq;
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Xunit;
using GemmaVk.Tensors;
using GemmaVk.Weights.Gguf;
using GemmaVk.Weights.Gguf.Blocks;
using GemmaVk.Weights.Repack;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>K-quants in the order of the kernels: the same bits in every value.</summary>
public class KBlocksTests
{
    public static TheoryData<string> Types => ["Q3_K", "Q4_K", "Q5_K", "Q6_K"];

    /// <summary>Every integer at every place of a block, every scale and every minimum, whatever stands beside it.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void EveryCodeAtEveryPlace(string name)
    {
        GgmlType type = GgmlType.Named(name)!;
        for (int code = 0; code < 256; code++)
        {
            // Steps that go through all bytes, from another one on in each block.
            byte[] block = [.. Enumerable.Range(0, type.BlockBytes).Select(i => (byte)(code + (i * 37)))];
            Scales(type, block, (ushort)(0x1234 + code), 0x2A01);
            Same(type, block);
        }
    }

    [Property(MaxTest = 300)]
    public void DrawnBlocks(Seed seed)
    {
        Random random = new(seed);
        foreach (string name in new[] { "Q3_K", "Q4_K", "Q5_K", "Q6_K" })
        {
            GgmlType type = GgmlType.Named(name)!;
            byte[] blocks = new byte[3 * type.BlockBytes];
            random.NextBytes(blocks);
            for (int b = 0; b < 3; b++)
            {
                // Subnormal, negative and large ones among them, none that is not finite.
                Scales(type, blocks.AsSpan(b * type.BlockBytes, type.BlockBytes), (ushort)(random.Next(0x10000) & 0xFBFF), (ushort)(random.Next(0x10000) & 0xFBFF));
            }

            Same(type, blocks);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void AScaleThatIsNotFiniteIsRefused(string name)
    {
        GgmlType type = GgmlType.Named(name)!;
        DType format = RegroupedMatrix.FormatOf(type)!.Value;
        foreach ((ushort d, ushort m) in new (ushort, ushort)[] { (0x7C00, 0x3C00), (0xFE00, 0x3C00), (0x3C00, 0x7E00) })
        {
            byte[] block = new byte[type.BlockBytes];
            Scales(type, block, d, m);
            bool hasMinimum = format != DType.Q6K;
            Assert.Equal(
                d == 0x3C00 && !hasMinimum,
                RegroupedMatrix.TakeApart(type, block, new byte[KBlocks.Bytes(format)], new ushort[KBlocks.HeaderUnits(format)]));
        }
    }

    private static void Scales(GgmlType type, Span<byte> block, ushort d, ushort m)
    {
        int at = type.Name switch { "Q3_K" => 108, "Q6_K" => 208, _ => 0 };
        MemoryMarshal.Write(block[at..], d);
        if (at == 0)
        {
            MemoryMarshal.Write(block[2..], m);
        }
    }

    private static void Same(GgmlType type, byte[] blocks)
    {
        DType format = RegroupedMatrix.FormatOf(type)!.Value;
        int count = blocks.Length / type.BlockBytes;
        float[] expected = new float[count * 256], rows = new float[count * 256];
        BlockFormats.Decode(type, blocks, expected);
        byte[] data = new byte[count * KBlocks.Bytes(format)];
        ushort[] header = new ushort[count * KBlocks.HeaderUnits(format)];
        Assert.True(RegroupedMatrix.TakeApart(type, blocks, data, header));
        Assert.Equal(expected, Enumerable.Range(0, count * 256).Select(c => QuantBlocks.Value(format, data, header, count * 256, 0, c)));
        Rows.ToSingle(format, data, header, count * 256, rows);
        Assert.Equal(expected, rows);
    }
}
