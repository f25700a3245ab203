using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

// Letters: T rows in this pass, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>
/// Attention at the 12B's head sizes and at depths that a small case does not reach: large positions, many blocks and
/// splits, tables of angles to their end. The oracle computes some of the sixteen heads.
/// </summary>
public class AttentionDepthTests
{
    private const int H = 16;

    // Weighted means of so many values are small against the values: the bound is on their size.
    private static readonly Tolerance Deep = new(2e-6, 0);

    // Values below one, rounded to halves: 2^-12 each, and a mean of them no more.
    private static readonly Tolerance DeepInHalves = new(1.0 / (1 << 12), 0);

    // Weights and scales of values below one, rounded to 15 bits.
    private static readonly Tolerance DeepInWholeNumbers = new(1.0 / (1 << 15), 0);

    // Queries, too, and to 13 bits only: scores of 4 in standard deviation err by 2^-11 of one, and the mean of a few hundred values by a tenth of that.
    private static readonly Tolerance DeepInWords = new(1.0 / (1 << 13), 0);

    // A child process of the tests has one thread and compiles every shader anew.
    private static readonly bool _child = Environment.GetEnvironmentVariable(Backends.OnlyVariable) is not null;

    [Theory]
    [InlineData(DType.F16, false, new[] { 13 })]
    [InlineData(DType.F16, true, new[] { 7 })]
    [InlineData(DType.Q8, false, new[] { 15 })]
    [InlineData(DType.Q8, true, new[] { 0 })]
    public void AFullLayerFarFromTheStart(DType format, bool valuesOnly, int[] heads) =>
        Full(Backends.Each, _child ? 5_003 : 32_771, format, valuesOnly, heads);

    [Theory]
    [InlineData(DType.F16, false)]
    [InlineData(DType.Q8, true)]
    public void AFullLayerAtTheEndOfTheContext(DType format, bool valuesOnly)
    {
        if (!_child)
        {
            Full(assertion => assertion("cpu"), 262_000, format, valuesOnly, 13);
        }
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.Q8)]
    public void AWindowFarFromTheStart(DType format)
    {
        const int K = 8, W = 256, Window = 1024, T = 3, Depth = 262_000;
        int R = Window - 1 + 512;
        float size = 1.5f / MathF.Sqrt(W);
        int[] positions = [.. Enumerable.Range(Depth - T, T)];
        AttentionCase window = new(
            DrawnValues.Of(T * H * W, 1, 1.5f), DrawnValues.Of(K * R * W, 2, size), DrawnValues.Of(K * R * W, 3), positions, positions, T, H, K, W, R, Window, format);
        float[] expected = window.Expected();
        Backends.Each(backend =>
        {
            Comparison.Close(expected, window.Run(backend, decode: true), Tolerances.AttentionOn(Backends.Get(backend), window.Format, decode: true, window.Rebuilt is not null), $"{window}", 8);
            Comparison.Close(expected, window.Run(backend, decode: false), Tolerances.AttentionOn(Backends.Get(backend), window.Format, decode: false), $"{window}", 8);
        });
    }

    private static void Full(Action<Action<string>> backends, int depth, DType format, bool valuesOnly, params int[] heads)
    {
        const int K = 1, W = 512;
        int R = Math.Min(262_144, depth + 29);
        // Scores of about 4 in standard deviation, as the generated model's: a few hundred positions carry the weight.
        RebuiltKeys? rebuilt = valuesOnly ? RebuiltKeys.Of([.. DrawnValues.Of(W, 5).Select(value => 0.2f + (0.1f * value))], W / 8, R, 1_000_000) : null;
        float[] v = Noise(R * W, 1, 1);
        float[] k = valuesOnly ? [] : Noise(R * W, 2, 0.3f);
        AttentionCase deep = new(Noise(H * W, 3, 1), k, v, [depth - 1], [depth - 1], 1, H, K, W, R, 0, format, rebuilt);
        AttentionCase few = deep with { H = heads.Length, Q = [.. heads.SelectMany(head => deep.Q.AsSpan(head * W, W).ToArray())] };
        float[] expected = few.Expected();
        backends(backend =>
        {
            float[] actual = deep.Run(backend, decode: true);
            Tolerance whole = Tolerances.AttentionOn(Backends.Get(backend), format, decode: true, valuesOnly, depth);
            Tolerance bound = whole == Tolerances.AttentionInHalves ? DeepInHalves
                : whole != Tolerances.AttentionInWholeNumbers ? Deep
                : format == DType.F16 ? DeepInWords : DeepInWholeNumbers;
            for (int i = 0; i < heads.Length; i++)
            {
                Comparison.Close(expected.AsSpan(i * W, W), actual.AsSpan(heads[i] * W, W), bound, $"head {heads[i]} of {deep}");
            }
        });
    }

    /// <summary>Uniform values in [-size, size) by a hash: a hundred million of them in a second.</summary>
    private static float[] Noise(int count, uint seed, float size)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            uint x = ((uint)i * 0x9E3779B1) ^ (seed * 0x85EBCA6B);
            x = (x ^ (x >> 15)) * 0x2C1B3C6D;
            x ^= x >> 13;
            values[i] = (((x >> 8) * (2f / (1 << 24))) - 1) * size;
        }

        return values;
    }
}
