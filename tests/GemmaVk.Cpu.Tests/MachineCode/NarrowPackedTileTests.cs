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
        // Sixteen results that are added up at once, and two that are not.
        const int Count = 18, PairSums = 2 * 2 * 16;
        Random random = new(11);
        byte[] steps = new byte[16 * 32], narrow = new byte[2 * TNarrow.PackedBytes], wide = new byte[narrow.Length];
        random.NextBytes(steps);
        float[] units = new float[16], sums = new float[Count / 2 * PairSums], narrowTotals = new float[Count], wideTotals = new float[Count];
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
                fixed (float* x = narrowTotals, y = wideTotals)
                {
                    TNarrow.Totals(some, PairSums, r, Count, x);
                    TWide.Totals(some, PairSums, r, Count, y);
                }

                Assert.Equal(wideTotals, narrowTotals);
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
