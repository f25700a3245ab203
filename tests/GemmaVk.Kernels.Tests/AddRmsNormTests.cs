using System;
using System.Linq;
using FsCheck.Fluent;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class AddRmsNormTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsReference(string backend) =>
        Shapes.ForAll(
            from T in Shapes.Rows from D in Shapes.Widths from intoY in Gen.Elements(true, false) from seed in Shapes.Seeds select (T, D, intoY, seed),
            shape =>
            {
                (int T, int D, bool intoY, int seed) = shape;
                float[] x = Shapes.Values(T * D, seed);
                float[] y = Shapes.Values(T * D, seed + 1, size: 7);
                float[] post = Shapes.Values(D, seed + 2);
                float[] next = Shapes.Values(D, seed + 3);
                using KernelSession session = new(backend);
                var xBuffer = session.Floats(x);
                var yBuffer = session.Floats(y);
                var postBuffer = session.Floats(post);
                var nextBuffer = session.Floats(next);
                var a = intoY ? yBuffer : session.Empty(DType.F32, T * D);
                session.Run(pass => pass.AddRmsNorm(new(xBuffer, yBuffer, postBuffer, 0.7f, nextBuffer, a, T, D, 1e-6f)));
                float[] expected = new float[T * D];
                AddRmsNorm.Reference(x, y, post, 0.7f, next, expected, T, D, 1e-6f);
                float size = x.Append(1e-6f).Max(MathF.Abs);
                Comparison.Close(x, session.Read(xBuffer), Tolerances.AddRmsNorm, $"x of {shape}", Math.Max(size, 1));
                // A residual that nearly cancels in a whole row is magnified by the next norm: D = 1 divides by itself.
                Comparison.Close(expected, session.Read(a), Tolerances.AddRmsNorm, $"a of {shape}", Magnification(x, T, D));
            });

    private static float[] Magnification(float[] x, int T, int D)
    {
        float[] sizes = new float[T * D];
        for (int t = 0; t < T; t++)
        {
            double rms = Math.Sqrt((x.Skip(t * D).Take(D).Sum(value => (double)value * value) / D) + 1e-6);
            Array.Fill(sizes, (float)(16 / rms), t * D, D);
        }

        return sizes;
    }
}
