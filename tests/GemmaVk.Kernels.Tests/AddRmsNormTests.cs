using System;
using System.Linq;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class AddRmsNormTests
{
    [KernelProperty(40)]
    public void EqualsReference(Rows T, Width D, bool intoY, Seed seed)
    {
        float[] y = Shapes.Values(T * D, seed + 1, size: 7);
        float[] post = Shapes.Values(D, seed + 2);
        float[] next = Shapes.Values(D, seed + 3);
        float[] before = Shapes.Values(T * D, seed);
        float[] x = [.. before];
        float[] expected = new float[T * D];
        AddRmsNorm.Reference(x, y, post, 0.7f, next, expected, T, D, 1e-6f);
        float size = Math.Max(x.Append(1e-6f).Max(MathF.Abs), 1);
        float[] magnification = Magnification(x, T, D);
        Backends.Each(backend =>
        {
            using KernelSession session = new(backend);
            var xBuffer = session.Floats(before);
            var yBuffer = session.Floats(y);
            var postBuffer = session.Floats(post);
            var nextBuffer = session.Floats(next);
            var a = intoY ? yBuffer : session.Empty(DType.F32, T * D);
            session.Run(pass => pass.AddRmsNorm(new(xBuffer, yBuffer, postBuffer, 0.7f, nextBuffer, a, T, D, 1e-6f)));
            Comparison.Close(x, session.Read(xBuffer), Tolerances.AddRmsNorm, "x", size);
            // A residual that nearly cancels in a whole row is magnified by the next norm: D = 1 divides by itself.
            Comparison.Close(expected, session.Read(a), Tolerances.AddRmsNorm, "a", magnification);
        });
    }

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
