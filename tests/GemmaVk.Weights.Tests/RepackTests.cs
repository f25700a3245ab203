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

    /// <summary>Wide vectors take two groups at once, of floats or of BF16: each as if it were alone, in data, scale and refusal.</summary>
    [Property(MaxTest = 300)]
    public void Groups_in_a_row_are_groups_alone(Seed seed)
    {
        Random random = new(seed);
        float[] values = SomeGroups(random, 3);
        Check(values, Int4Groups.Quantise);
        ushort[] bits = [.. values.Select(BFloat16.FromSingle)];
        values = [.. bits.Select(BFloat16.ToSingle)];
        Check(values, Int4Groups.Quantise);
        if (Int4Pair.IsSupported)
        {
            Check(values, (_, data, scale) => Int4Groups.Quantise(bits, data, scale));
        }
    }

    /// <summary>A row of BF16 and its outline's: the same as in steps, and no norm is below the exact one.</summary>
    [Property(MaxTest = 300)]
    public void An_outline_in_one_pass_is_the_same(Seed seed)
    {
        ushort[] bits = [.. SomeGroups(new Random(seed), 3).Select(BFloat16.FromSingle)];
        float[] values = [.. bits.Select(BFloat16.ToSingle)];
        byte[] data = new byte[96], expected = new byte[96];
        ushort[] scale = new ushort[3], expectedScale = new ushort[3];
        bool finite = Int8Groups.Quantise(values, expected, expectedScale);
        (double Row, double Difference, double Scale)? found = OutlineRow.Quantise(bits, data, scale);
        Assert.Equal(finite, found.HasValue);
        if (found is not { } sums)
        {
            return;
        }

        Assert.Equal(expected, data);
        Assert.Equal(expectedScale, scale);
        Assert.Equal(scale.Max(BFloat16.ToSingle), sums.Scale);
        float[] copy = new float[96];
        Weights.Repack.Rows.ToSingle(DType.Q8, data, scale, 96, copy);
        Check(sums.Row, values.Sum(x => (double)x * x));
        Check(sums.Difference, values.Zip(copy).Sum(pair => Math.Pow((double)(pair.First - pair.Second), 2)));

        static void Check(double sum, double exact)
        {
            double norm = OutlineMatrix.Norm(sum, 96);
            Assert.InRange(norm, Math.Sqrt(exact), double.IsInfinity(norm) ? norm : (Math.Sqrt(exact) * 1.0001) + 1e-20);
        }
    }

    private delegate bool Quantising(ReadOnlySpan<float> values, Span<byte> data, Span<ushort> scale);

    private static void Check(float[] values, Quantising quantise)
    {
        int groups = values.Length / 32;
        byte[] data = new byte[values.Length / 2], expected = new byte[values.Length / 2];
        ushort[] scale = new ushort[groups], expectedScale = new ushort[groups];
        bool finite = true;
        for (int g = 0; g < groups; g++)
        {
            finite &= Int4Groups.One(values.AsSpan(32 * g), expected.AsSpan(16 * g), out expectedScale[g]);
        }

        Assert.Equal(finite, quantise(values, data, scale));
        if (finite)
        {
            Assert.Equal(expected, data);
            Assert.Equal(expectedScale, scale);
        }
    }

    private static float[] SomeGroups(Random random, int groups)
    {
        float[] values = new float[32 * groups];
        for (int g = 0; g < groups; g++)
        {
            float size = MathF.Pow(10, random.Next(-45, 38));
            int kind = random.Next(5);
            for (int i = 0; i < 32; i++)
            {
                // Zeros, few levels (whose extremum comes with both signs), one value alone, and anything.
                values[(g * 32) + i] = size * kind switch { 0 => 0, 1 => random.Next(-7, 8), 2 => i == 5 ? -1 : 0, _ => (2 * random.NextSingle()) - 1 };
            }
        }

        return values;
    }
}
