using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

// Letters: R rows, D width of a row.

public class LayerNormTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void OneAndThree(string backend)
    {
        // Mean 2, deviation 1: the row becomes -1 and 1.
        Close([-1 * 2 + 10, 1 * 5 + 20], Run(backend, [1, 3], null, [2, 5], [10, 20], 1, 2, 0), [5]);
        Close([-1 * 2 + 10, 1 * 5 + 20], Run(backend, [0, 4], [1, -1], [2, 5], [10, 20], 1, 2, 0), [5]);
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void AFlatRowGivesTheBias(string backend)
    {
        float[] y = Run(backend, [.. Enumerable.Repeat(0.5f, 64)], null, [.. Enumerable.Repeat(3f, 64)], [.. Enumerable.Repeat(7f, 64)], 1, 64, 1e-5f);
        Assert.All(y, value => Assert.Equal(7, value));
    }

    [KernelProperty(40)]
    public void EqualsReference(Rows R, Width D, bool biased, Seed seed)
    {
        float[] x = DrawnValues.Of(R * D, seed), w = DrawnValues.Of(D, seed + 1), b = DrawnValues.Of(D, seed + 2);
        float[]? inputBias = biased ? DrawnValues.Of(D, seed + 3) : null;
        float[] expected = new float[R * D];
        LayerNorm.Reference(x, inputBias, w, b, expected, R, D, 1e-5f);
        float[] sizes = TermSizes.LayerNorm(x, inputBias, w, b, R, D, 1e-5f);
        Backends.Each(backend => Close(expected, Run(backend, x, inputBias, w, b, R, D, 1e-5f), sizes));
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void PatchesOfTheRealSize(string backend)
    {
        // Levels between 0 and 1, as patches have them: the mean is larger than the contrast.
        float[] x = [.. DrawnValues.Of(5 * 6912, 11).Select(value => 0.9f + (0.05f * value))];
        Compare(backend, x, null, DrawnValues.Of(6912, 12), DrawnValues.Of(6912, 13), 5, 6912, 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void ARowDoesNotDependOnTheRowsBesideIt(string backend)
    {
        float[] x = DrawnValues.Of(9 * 3840, 5), w = DrawnValues.Of(3840, 6), b = DrawnValues.Of(3840, 7);
        float[] all = Run(backend, x, b, w, b, 9, 3840, 1e-5f);
        Comparison.Same(all.AsSpan(4 * 3840, 3840), Run(backend, x.AsSpan(4 * 3840, 3840).ToArray(), b, w, b, 1, 3840, 1e-5f), "row 4");
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsPublished(string backend)
    {
        GoldenFile golden = GoldenFile.Open("ops/norms.safetensors");
        float[] x = golden.Floats("layer.x"), w = golden.Floats("layer.weight"), b = golden.Floats("layer.bias");
        float[] y = Run(backend, x, null, w, b, 5, 6912, 1e-5f);
        Close(golden.Floats("layer.y"), y, TermSizes.LayerNorm(x, null, w, b, 5, 6912, 1e-5f));
    }

    private static void Compare(string backend, float[] x, float[]? inputBias, float[] w, float[] b, int R, int D, float eps)
    {
        float[] expected = new float[R * D];
        LayerNorm.Reference(x, inputBias, w, b, expected, R, D, eps);
        Close(expected, Run(backend, x, inputBias, w, b, R, D, eps), TermSizes.LayerNorm(x, inputBias, w, b, R, D, eps));
    }

    private static void Close(float[] expected, float[] actual, float[] sizes) =>
        Comparison.Close(expected, actual, Tolerances.LayerNorm, "y", sizes);

    private static float[] Run(string backend, float[] x, float[]? inputBias, float[] w, float[] b, int R, int D, float eps)
    {
        using KernelSession session = new(backend);
        var added = inputBias is null ? null : session.Floats(inputBias);
        var weight = session.Floats(w);
        var bias = session.Floats(b);
        var y = session.Empty(DType.F32, x.Length);
        var inPlace = session.Floats(x);
        var input = session.Floats(x);
        session.Run(pass =>
        {
            pass.LayerNorm(new(input, added, weight, bias, y, R, D, eps));
            pass.LayerNorm(new(inPlace, added, weight, bias, inPlace, R, D, eps));
        });
        Comparison.Same(session.Read(y), session.Read(inPlace), "in place");
        return session.Read(y);
    }
}
