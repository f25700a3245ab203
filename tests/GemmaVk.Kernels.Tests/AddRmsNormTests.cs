using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class AddRmsNormTests
{
    [KernelProperty(40)]
    public void EqualsReference(Rows T, Width D, bool intoY, Seed seed)
    {
        float[] y = DrawnValues.Of(T * D, seed + 1, size: 7);
        float[] post = DrawnValues.Of(D, seed + 2);
        float[] next = DrawnValues.Of(D, seed + 3);
        float[] before = DrawnValues.Of(T * D, seed);
        float[] x = [.. before];
        float[] expected = new float[T * D];
        AddRmsNorm.Reference(x, y, post, 0.7f, next, expected, T, D, 1e-6f);
        float size = Math.Max(x.Append(1e-6f).Max(MathF.Abs), 1);
        float[] magnification = TermSizes.AddRmsNorm(x, T, D);
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
            Comparison.Close(expected, session.Read(a), Tolerances.AddRmsNorm, "a", magnification);
        });
    }
}
