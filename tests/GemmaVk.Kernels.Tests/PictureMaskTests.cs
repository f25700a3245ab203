using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

/// <summary>
/// A picture's block as a prompt has it: every row of it reaches its last row, rows before and after reach themselves. The
/// window cuts the past side of all of them, and no row's future side.
/// </summary>
public class PictureMaskTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void LongerThanTheWindow(string backend) => Check(backend, T: 75, start: 40, block: (10, 64), window: 16, W: 64, half: false);

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void AlmostAWholePass(string backend) => Check(backend, T: 281, start: 0, block: (1, 281), window: 1024, W: 256, half: true);

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void OfAFewRows(string backend) => Check(backend, T: 6, start: 300, block: (0, 5), window: 4, W: 32, half: true);

    private static void Check(string backend, int T, int start, (int First, int End) block, int window, int W, bool half)
    {
        (int H, int K) = (4, 2);
        // The ring of a session with passes of T rows.
        int R = Math.Min(start + T, window - 1 + T);
        float[] Cache(int seed, float size) => [.. DrawnValues.Of(K * R * W, seed, size).Select(value => half ? (float)(Half)value : value)];
        int[] positions = [.. Enumerable.Range(start, T)];
        int[] reach = [.. positions.Select((position, t) => t >= block.First && t < block.End ? start + block.End - 1 : position)];
        AttentionCase prompt = new(
            DrawnValues.Of(T * H * W, 1, 1.5f), Cache(2, 1.5f / MathF.Sqrt(W)), Cache(3, 1), positions, reach, T, H, K, W, R, window, half ? DType.F16 : DType.F32);
        float[] expected = prompt.Expected();
        float[] causal = (prompt with { Reach = positions }).Expected();
        Assert.NotEqual(causal, expected);
        Comparison.Close(expected, prompt.Run(backend, decode: false), Tolerances.AttentionOn(Backends.Get(backend), prompt.Format, decode: false), $"prefill of {prompt}", 8);
        if (T <= 8)
        {
            Comparison.Close(expected, prompt.Run(backend, decode: true), Tolerances.AttentionOn(Backends.Get(backend), prompt.Format, decode: true, prompt.Rebuilt is not null), $"decode of {prompt}", 8);
        }
    }
}
