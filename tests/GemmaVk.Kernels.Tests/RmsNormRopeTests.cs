using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class RmsNormRopeTests
{
    [KernelProperty(40)]
    public void EqualsItsTwoParts(Rows T, Heads H, HeadWidth W, Seed seed)
    {
        float[] x = DrawnValues.Of(T * H * W, seed, size: 20);
        float[] w = DrawnValues.Of(W, seed + 1);
        float[] angles = DrawnValues.Angles(T, W, seed);
        float[] expected = new float[x.Length];
        RmsNormRope.Reference(x, w, angles, expected, T, H, W, 1e-6f);
        Backends.Each(backend =>
        {
            using KernelSession session = new(backend);
            var input = session.Floats(x);
            var weight = session.Floats(w);
            var angleBuffer = session.Floats(angles);
            var y = session.Empty(DType.F32, x.Length);
            session.Run(pass =>
            {
                pass.RmsNormRope(new(input, weight, angleBuffer, y, T, H, W, 1e-6f));
                pass.RmsNormRope(new(input, weight, angleBuffer, input, T, H, W, 1e-6f));
            });
            Comparison.Same(session.Read(y), session.Read(input), "in place");
            Comparison.Close(expected, session.Read(y), Tolerances.RmsNormRope, "y", expected.Append(1e-6f).Max(MathF.Abs));
        });
    }
}
