using System;
using System.Linq;
using FsCheck.Fluent;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class GeGluTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsReferenceAlsoFarOut(string backend) =>
        Shapes.ForAll(
            from T in Shapes.Rows from F in Shapes.Widths from size in Gen.Elements(1f, 6f, 100f, 1e15f) from seed in Shapes.Seeds select (T, F, size, seed),
            shape =>
            {
                (int T, int F, float size, int seed) = shape;
                float[] gate = Shapes.Values(T * F, seed, size);
                float[] up = Shapes.Values(T * F, seed + 1);
                float[] expected = new float[T * F];
                GeGlu.Reference(gate, up, expected);
                // Below z = -5 the F64 reference itself cancels in 1 + tanh; what is left is far below any use.
                Comparison.Close(expected, Run(backend, gate, up, T, F), new Tolerance(1e-6, Tolerances.GeGlu.Relative), $"{shape}");
            });

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsPublished(string backend)
    {
        GoldenFile golden = GoldenFile.Open("ops/pointwise.safetensors");
        float[] y = Run(backend, golden.Floats("gate"), golden.Floats("up"), 1, 2009);
        // The published operation computes in F32 itself and loses digits where 1 + tanh cancels.
        Comparison.Close(golden.Floats("gated"), y, new Tolerance(2e-6, 2e-6), golden.Name);
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
