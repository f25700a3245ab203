using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class SoftCapTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void Ends(string backend) =>
        Assert.Equal([-30f, 30f, 0f], Run(backend, [float.NegativeInfinity, float.PositiveInfinity, 0], 30));

    [KernelProperty(40)]
    public void EqualsReference(Width count, Seed seed)
    {
        float size = seed.Pick(20f, 1e-6f, 0.1f, 300f, 1e6f);
        float[] x = DrawnValues.Of(count, seed, size);
        float[] expected = new float[x.Length];
        SoftCap.Reference(x, expected, 30);
        Backends.Each(backend => Comparison.Close(expected, Run(backend, x, 30), Tolerances.SoftCap, $"size {size}"));
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsPublished(string backend)
    {
        GoldenFile golden = GoldenFile.Open("ops/pointwise.safetensors");
        Comparison.Close(golden.Floats("softcapped"), Run(backend, golden.Floats("logits"), 30), Tolerances.SoftCap, golden.Name);
    }

    private static float[] Run(string backend, float[] x, float cap)
    {
        using KernelSession session = new(backend);
        var input = session.Floats(x);
        var y = session.Empty(DType.F32, x.Length);
        session.Run(pass =>
        {
            pass.SoftCap(new(input, y, cap, x.Length));
            pass.SoftCap(new(input, input, cap, x.Length));
        });
        Comparison.Same(session.Read(y), session.Read(input), "in place");
        return session.Read(y);
    }
}
