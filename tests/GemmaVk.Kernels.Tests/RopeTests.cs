using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class RopeTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void AQuarterTurnSwapsTheHalves(string backend) =>
        Comparison.Close([-3, -4, 1, 2], Run(backend, [1, 2, 3, 4], [0, 0, 1, 1], 1, 1, 4), default, "y");

    [KernelProperty(40)]
    public void EqualsReferenceAndKeepsLength(Rows T, Heads H, HeadWidth W, Seed seed)
    {
        float[] x = DrawnValues.Of(T * H * W, seed);
        float[] angles = DrawnValues.Angles(T, W, seed);
        float[] expected = new float[x.Length];
        Rope.Reference(x, angles, expected, T, H, W);
        double before = x.Sum(value => (double)value * value);
        Backends.Each(backend =>
        {
            float[] y = Run(backend, x, angles, T, H, W);
            Comparison.Close(expected, y, Tolerances.Rope, "y", 8);
            Assert.InRange(y.Sum(value => (double)value * value), before * (1 - 1e-5), before * (1 + 1e-5));
        });
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsPublished(string backend)
    {
        GoldenFile golden = GoldenFile.Open("ops/rope.safetensors");
        foreach ((string kind, int W) in new[] { ("full_attention", 512), ("sliding_attention", 256) })
        {
            // The file repeats the angles for both halves.
            float[] cos = golden.Floats(kind + ".cos");
            float[] sin = golden.Floats(kind + ".sin");
            float[] angles = [.. Enumerable.Range(0, 18 * W).Select(i => i % W < W / 2 ? cos[i] : sin[i - (W / 2)])];
            float[] x = golden.Floats(kind + ".x");
            Comparison.Close(
                golden.Floats(kind + ".rotated"), Run(backend, x, angles, 18, 2, W), Tolerances.Rope, $"{golden.Name} {kind}", x.Max(MathF.Abs));
        }
    }

    private static float[] Run(string backend, float[] x, float[] angles, int T, int H, int W)
    {
        using KernelSession session = new(backend);
        var input = session.Floats(x);
        var angleBuffer = session.Floats(angles);
        var y = session.Empty(DType.F32, x.Length);
        session.Run(pass =>
        {
            pass.Rope(new(input, angleBuffer, y, T, H, W));
            pass.Rope(new(input, angleBuffer, input, T, H, W));
        });
        Comparison.Same(session.Read(y), session.Read(input), "in place");
        return session.Read(y);
    }
}
