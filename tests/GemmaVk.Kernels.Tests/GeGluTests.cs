using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class GeGluTests
{
    [KernelProperty(40)]
    public void EqualsReferenceAlsoFarOut(Rows T, Width F, Seed seed)
    {
        float size = seed.Pick(1f, 6f, 100f, 1e15f);
        float[] gate = DrawnValues.Of(T * F, seed, size);
        float[] up = DrawnValues.Of(T * F, seed + 1);
        float[] expected = new float[T * F];
        GeGlu.Reference(gate, up, expected);
        // Below z = -5 the F64 reference itself cancels in 1 + tanh; what is left is far below any use.
        Backends.Each(backend => Comparison.Close(expected, Run(backend, gate, up, T, F), new Tolerance(1e-6, Tolerances.GeGlu.Relative), $"size {size}"));
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsPublished(string backend)
    {
        GoldenFile golden = GoldenFile.Open("ops/pointwise.safetensors");
        float[] y = Run(backend, golden.Floats("gate"), golden.Floats("up"), 1, 2009);
        Comparison.Close(golden.Floats("gated"), y, Tolerances.PublishedGeGlu, golden.Name);
    }

    private static float[] Run(string backend, float[] gate, float[] up, int T, int F)
    {
        using KernelSession session = new(backend);
        var gateBuffer = session.Floats(gate);
        var upBuffer = session.Floats(up);
        var y = session.Empty(DType.F32, gate.Length);
        session.Run(pass =>
        {
            pass.GeGlu(new(gateBuffer, upBuffer, y, T, F));
            pass.GeGlu(new(gateBuffer, upBuffer, gateBuffer, T, F));
        });
        Comparison.Same(session.Read(y), session.Read(gateBuffer), "in place");
        return session.Read(y);
    }
}
