using System;
using System.Runtime.Intrinsics;
using GemmaVk.Cpu.Kernels.Coded;
using GemmaVk.Cpu.Kernels.Products;
using GemmaVk.Cpu.Simd;
using Xunit;

namespace GemmaVk.Cpu.Tests.MachineCode;

/// <summary>What is packed word by word is what vectors of 512 bits pack, and both mean the same sums.</summary>
public unsafe class NarrowPackedTileTests
{
    [Fact]
    public void Nibbles_are_packed_alike() =>
        Check<NarrowPackedTile<NibbleWeights, Brains>, DotCodeTile<Lanes512, Vector512<float>, Vector512<byte>, NibbleWeights, Brains>>();

    [Fact]
    public void Bytes_are_packed_alike() =>
        Check<NarrowPackedTile<ByteWeights, Halfs>, DotCodeTile<Lanes512, Vector512<float>, Vector512<byte>, ByteWeights, Halfs>>();

    private static void Check<TNarrow, TWide>()
        where TNarrow : struct, ICodeTile
        where TWide : struct, ICodeTile
    {
        if (!Lanes512.IsSupported)
        {
            return;
        }

        Assert.Equal((TWide.Groups, TWide.GroupBytes, TWide.PackedBytes, TWide.RowStep), (TNarrow.Groups, TNarrow.GroupBytes, TNarrow.PackedBytes, TNarrow.RowStep));
        Random random = new(11);
        byte[] steps = new byte[16 * 32], narrow = new byte[2 * TNarrow.PackedBytes], wide = new byte[narrow.Length];
        random.NextBytes(steps);
        float[] units = new float[16], sums = new float[2 * 2 * 16];
        Fill(random, units);
        Fill(random, sums);
        fixed (byte* q = steps, a = narrow, b = wide)
        fixed (float* unit = units, some = sums)
        {
            TNarrow.Pack((sbyte*)q, unit, 1, a);
            TWide.Pack((sbyte*)q, unit, 1, b);
            Assert.Equal(wide, narrow);
            for (int r = 0; r < 2; r++)
            {
                for (int i = 0; i < 2; i++)
                {
                    Assert.Equal(TWide.Total(some, r, i), TNarrow.Total(some, r, i));
                }
            }
        }
    }

    private static void Fill(Random random, float[] values)
    {
        foreach (ref float value in values.AsSpan())
        {
            value = MathF.ScaleB((2 * random.NextSingle()) - 1, random.Next(-9, 9));
        }
    }
}
