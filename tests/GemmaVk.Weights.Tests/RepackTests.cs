using System;
using System.Linq;
using FsCheck.Xunit;
using GemmaVk.Tensors;
using GemmaVk.Weights.Repack;
using Xunit;

namespace GemmaVk.Weights.Tests;

public class RepackTests
{
    [Property(MaxTest = 200)]
    public void Int8IsWithinHalfAStep(WeightGroups groups)
    {
        float[] values = groups.Values;
        (byte[] data, ushort[] scale) = Quantise(DType.Q8, values);
        for (int i = 0; i < values.Length; i++)
        {
            float absmax = Group(values, i).Max(MathF.Abs);
            float actual = QuantBlocks.Value(DType.Q8, data, scale, values.Length, 0, i);
            Assert.InRange((sbyte)data[i], -127, 127);
            Assert.True(MathF.Abs(actual - values[i]) <= absmax * ((0.5f / 127 * 1.005f) + (1f / 512)), $"{values[i]} became {actual}");
        }
    }

    [Property(MaxTest = 200)]
    public void Int4IsWithinHalfAStepOfTheWidestCandidate(WeightGroups groups)
    {
        float[] values = groups.Values;
        (byte[] data, ushort[] scale) = Quantise(DType.Q4, values);
        for (int g = 0; g < scale.Length; g++)
        {
            float[] group = Group(values, g * 32);
            // The best candidate cannot be worse than absmax / 7, which clips nothing.
            double s = BFloat16.ToSingle(BFloat16.FromSingle(group.Max(MathF.Abs) / 7f));
            double error = Enumerable.Range(0, 32).Sum(i => Math.Pow(QuantBlocks.Value(DType.Q4, data, scale, values.Length, 0, (g * 32) + i) - group[i], 2));
            double bound = group.Sum(x => Math.Pow(x - (s == 0 ? 0 : Math.Clamp(Math.Round(x / s), -8, 7) * s), 2));
            Assert.True(error <= (bound * 1.0001) + 1e-30, $"{error} above {bound}");
        }
    }

    [Property(MaxTest = 200)]
    public void WeightsOnTheGridComeBackExactly(GridGroup grid)
    {
        DType format = grid.Eight ? DType.Q8 : DType.Q4;
        int[] levels = [.. grid.Levels.Select(level => grid.Eight ? Math.Clamp(level * 20, -127, 127) : level)];
        levels[^1] = grid.Eight ? 127 : levels[^1];
        float[] values = [.. levels.Select(level => level * MathF.ScaleB(1f, grid.Exponent))];
        (byte[] data, ushort[] scale) = Quantise(format, values);
        Assert.Equal(values, Enumerable.Range(0, 32).Select(i => QuantBlocks.Value(format, data, scale, 32, 0, i) + 0f));
    }

    [Fact]
    public void RowsDecodeLikeTheFormula()
    {
        Random random = new(7);
        const int K = 96;
        foreach (DType format in new[] { DType.BF16, DType.F16, DType.F32, DType.F8E4M3, DType.Q8, DType.Q4 })
        {
            byte[] data = new byte[QuantBlocks.RowBytes(format, K)];
            random.NextBytes(data);
            ushort[] scale = [.. Enumerable.Range(0, (int)QuantBlocks.RowScales(format, K)).Select(_ => BFloat16.FromSingle(random.NextSingle() - 0.5f))];
            float[] values = new float[K];
            Weights.Repack.Rows.ToSingle(format, data, scale, K, values);
            Assert.Equal(Enumerable.Range(0, K).Select(c => QuantBlocks.Value(format, data, scale, K, 0, c)), values);
        }
    }

    [Fact]
    public void NibblesWidenExactly()
    {
        byte[] packed = [.. Enumerable.Range(0, 256).Select(i => (byte)i)], data = new byte[512], scratch = new byte[512];
        Int4AsInt8Matrix.Widen(packed, data);
        Assert.Equal(packed.SelectMany(b => new[] { (sbyte)((b & 15) - 8), (sbyte)((b >> 4) - 8) }), data.Select(b => (sbyte)b));
        PackedInt8Matrix.Unpack(data, scratch);
        Assert.Equal(data.Select(b => (sbyte)b + 128), scratch.Select(b => (int)b));
        PackedInt8Matrix.Unpack(scratch, scratch);
        Assert.Equal(data, scratch);
    }

    [Fact]
    public void InfinityAndNaNAreRefused()
    {
        foreach (float bad in new[] { float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            float[] values = new float[64];
            values[45] = bad;
            Assert.False(Int4Groups.Quantise(values, new byte[32], new ushort[2]));
            Assert.False(Int8Groups.Quantise(values, new byte[64], new ushort[2]));
        }
    }

    [Fact]
    public void ValuesTooSmallForAScaleBecomeZeroAndLargeOnesSurvive()
    {
        float[] values = new float[64];
        values[0] = 1e-42f;
        values[32] = 1e18f;
        values[33] = -1e18f;
        foreach (DType format in new[] { DType.Q4, DType.Q8 })
        {
            (byte[] data, ushort[] scale) = Quantise(format, values);
            float[] back = [.. Enumerable.Range(0, 64).Select(i => QuantBlocks.Value(format, data, scale, 64, 0, i))];
            Assert.All(back[..32], value => Assert.Equal(0f, value));
            Assert.InRange(back[32], 0.93e18f, 1.01e18f);
            Assert.InRange(back[33], -1.01e18f, -0.93e18f);
        }
    }

    private static (byte[] Data, ushort[] Scale) Quantise(DType format, float[] values)
    {
        byte[] data = new byte[QuantBlocks.RowBytes(format, values.Length)];
        ushort[] scale = new ushort[QuantBlocks.RowScales(format, values.Length)];
        Assert.True(format == DType.Q4 ? Int4Groups.Quantise(values, data, scale) : Int8Groups.Quantise(values, data, scale));
        return (data, scale);
    }

    private static float[] Group(float[] values, int i) => values[(i / 32 * 32)..((i / 32 * 32) + 32)];

    /// <summary>Wide vectors take two groups at once: each as if it were alone, in data, scale and refusal.</summary>
    [Property(MaxTest = 300)]
    public void Two_groups_at_once_are_two_groups(Seed seed)
    {
        Random random = new(seed);
        float[] values = new float[64];
        for (int g = 0; g < 2; g++)
        {
            float size = MathF.Pow(10, random.Next(-45, 38));
            int kind = random.Next(5);
            for (int i = 0; i < 32; i++)
            {
                // Zeros, few levels (whose extremum comes with both signs), one value alone, and anything.
                values[(g * 32) + i] = size * kind switch { 0 => 0, 1 => random.Next(-7, 8), 2 => i == 5 ? -1 : 0, _ => (2 * random.NextSingle()) - 1 };
            }
        }

        byte[] data = new byte[32], expected = new byte[32];
        ushort[] scale = new ushort[2], expectedScale = new ushort[2];
        bool finite = Int4Groups.One(values, expected, out expectedScale[0]) & Int4Groups.One(values.AsSpan(32), expected.AsSpan(16), out expectedScale[1]);
        Assert.Equal(finite, Int4Groups.Two(values, data, scale));
        if (finite)
        {
            Assert.Equal(expected, data);
            Assert.Equal(expectedScale, scale);
        }
    }
}
