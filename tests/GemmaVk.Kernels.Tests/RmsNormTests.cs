using System;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class RmsNormTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void ThreeAndFour(string backend)
    {
        // The mean of 9 and 16 is 12.5.
        float[] y = Run(backend, [3, 4], [2, 10], 1, 2, 0);
        Comparison.Close([6 / MathF.Sqrt(12.5f), 40 / MathF.Sqrt(12.5f)], y, Tolerances.RmsNorm, "y");
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void ZerosStayZeros(string backend) =>
        Assert.All(Run(backend, new float[64], null, 1, 64, 1e-6f), value => Assert.Equal(0, value));

    [KernelProperty(40)]
    public void EqualsReference(Rows R, Width D, bool weighted, Seed seed)
    {
        float[] x = DrawnValues.Of(R * D, seed);
        float[]? w = weighted ? DrawnValues.Of(D, seed + 1) : null;
        float[] expected = new float[R * D];
        RmsNorm.Reference(x, w, expected, R, D, 1e-6f);
        Backends.Each(backend => Comparison.Close(expected, Run(backend, x, w, R, D, 1e-6f), Tolerances.RmsNorm, "y"));
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void ScaleOfTheRowDoesNotMatter(string backend)
    {
        float[] x = DrawnValues.Of(3840, 5);
        float[] larger = Array.ConvertAll(x, value => value * 64);
        Comparison.Same(Run(backend, x, null, 1, 3840, 0), Run(backend, larger, null, 1, 3840, 0), "y of 64 x");
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsPublished(string backend)
    {
        GoldenFile golden = GoldenFile.Open("ops/norms.safetensors");
        float[] x = golden.Floats("rms.x");
        Comparison.Close(
            golden.Floats("rms.y"), Run(backend, x, golden.Floats("rms.weight"), 7, 3840, 1e-6f), Tolerances.RmsNorm, golden.Name);
        Comparison.Close(golden.Floats("rms.y_plain"), Run(backend, x, null, 7, 3840, 1e-6f), Tolerances.RmsNorm, golden.Name);
    }

    private static float[] Run(string backend, float[] x, float[]? w, int R, int D, float eps)
    {
        using KernelSession session = new(backend);
        var weight = w is null ? null : session.Floats(w);
        var y = session.Empty(DType.F32, x.Length);
        var inPlace = session.Floats(x);
        var input = session.Floats(x);
        session.Run(pass =>
        {
            pass.RmsNorm(new(input, weight, y, R, D, eps));
            pass.RmsNorm(new(inPlace, weight, inPlace, R, D, eps));
        });
        Comparison.Same(session.Read(y), session.Read(inPlace), "in place");
        return session.Read(y);
    }
}
