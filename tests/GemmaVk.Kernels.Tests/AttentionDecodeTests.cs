using System;
using System.Linq;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class AttentionDecodeTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void OnePositionGivesItsValue(string backend)
    {
        AttentionCase one = AttentionCase.Draw(T: 1, H: 2, K: 1, W: 32, R: 8, start: 0, window: 0, format: DType.F32, seed: 1);
        float[] y = one.Run(backend, decode: true);
        Comparison.Close(one.V.AsSpan(0, 32), y.AsSpan(0, 32), new Tolerance(0, 1e-6), "head 0");
        Comparison.Close(one.V.AsSpan(0, 32), y.AsSpan(32, 32), new Tolerance(0, 1e-6), "head 1");
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void ARowThatSeesNothingGivesZeros(string backend)
    {
        AttentionCase none = AttentionCase.Draw(T: 2, H: 2, K: 2, W: 16, R: 8, start: 3, window: 4, format: DType.F16, seed: 1) with { Reach = [-1, 4] };
        Assert.All(none.Run(backend, decode: true).Take(32), value => Assert.Equal(0, value));
    }

    /// <summary>Sizes for which a backend may have a form of its own, with stored keys and with keys that are rebuilt.</summary>
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void SixteenHeadsThatShareAnInt8CacheEqualTheReference(string backend)
    {
        foreach ((int T, int W, int start, bool valuesOnly) in ((int, int, int, bool)[])[(1, 64, 70, false), (3, 512, 130, true), (8, 256, 5, false)])
        {
            AttentionCase c = AttentionCase.Draw(T, H: 16, K: 1, W, R: start + T + 3, start, window: 0, DType.Q8, seed: 5, valuesOnly);
            Comparison.Close(c.Expected(), c.Run(backend, decode: true), Tolerances.AttentionOn(Backends.Get(backend), c.Format, decode: true, valuesOnly), $"{c}", 8);
        }
    }

    [KernelProperty(60)]
    public void EqualsReference(FewRows T, AttentionSizes sizes, Seed seed)
    {
        AttentionCase c = AttentionCases.Of(sizes, T, seed);
        float[] expected = c.Expected();
        Backends.Each(backend => Comparison.Close(expected, c.Run(backend, decode: true), Tolerances.AttentionOn(Backends.Get(backend), c.Format, decode: true, c.Rebuilt is not null), $"{c}", 8));
    }

    [KernelProperty(30)]
    public void ARowDoesNotDependOnTheRowsBesideIt(FewRows T, AttentionSizes sizes, Seed seed)
    {
        AttentionCase c = AttentionCases.Of(sizes, T, seed);
        Backends.Each(backend =>
        {
            float[] all = c.Run(backend, decode: true);
            for (int t = 0; t < c.T; t++)
            {
                Comparison.Same(all.AsSpan(t * c.H * c.W, c.H * c.W), c.Rows(t, 1).Run(backend, decode: true), $"row {t} of {c}");
            }
        });
    }

    [KernelProperty(4)]
    public void InAnyFormThatMeasuringMayChooseToo(FewRows T, AttentionSizes sizes, Seed seed)
    {
        AttentionCase c = AttentionCases.Of(sizes, T, seed);
        AttentionCases.InADrawnForm(c, seed, (backend, what) =>
        {
            float[] all = c.Run(backend, decode: true);
            Comparison.Close(c.Expected(), all, Tolerances.AttentionOn(Backends.Get(backend), c.Format, decode: true, c.Rebuilt is not null), what, 8);
            for (int t = 0; t < c.T; t++)
            {
                Comparison.Same(all.AsSpan(t * c.H * c.W, c.H * c.W), c.Rows(t, 1).Run(backend, decode: true), $"row {t}, {what}");
            }
        });
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsPublished(string backend)
    {
        AttentionCases.Golden(golden => golden.Run(backend, decode: true), halvesOfRebuilt: Backends.Get(backend).AttendsInHalves);
    }
}
