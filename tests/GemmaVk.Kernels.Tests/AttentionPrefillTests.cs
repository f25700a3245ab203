using System;
using GemmaVk.Kernels.Checks;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class AttentionPrefillTests
{
    [KernelProperty(50)]
    public void EqualsReference(Rows T, AttentionSizes sizes, Seed seed)
    {
        AttentionCase c = AttentionCases.Of(sizes, T, seed);
        float[] expected = c.Expected();
        Backends.Each(backend => Comparison.Close(expected, c.Run(backend, decode: false), Tolerances.AttentionOn(Backends.Get(backend), c.Format, decode: false), $"{c}", 8));
    }

    [KernelProperty(30)]
    public void ARowDoesNotDependOnTheRowsBesideIt(Rows T, AttentionSizes sizes, Seed seed)
    {
        AttentionCase c = AttentionCases.Of(sizes, T, seed);
        int first = c.T / 3;
        int count = Math.Max(0, Math.Min(9, c.T - first));
        Backends.Each(backend =>
        {
            float[] all = c.Run(backend, decode: false);
            Comparison.Same(all.AsSpan(first * c.H * c.W, count * c.H * c.W), c.Rows(first, count).Run(backend, decode: false), $"rows from {first} of {c}");
        });
    }

    [KernelProperty(2)]
    public void InAnyFormThatMeasuringMayChooseToo(FewRows T, AttentionSizes sizes, Seed seed)
    {
        AttentionCase c = AttentionCases.Of(sizes, T + MatVec.MaxRows + 1, seed);
        AttentionCases.InADrawnForm(c, seed, (backend, what) =>
        {
            float[] all = c.Run(backend, decode: false);
            Comparison.Close(c.Expected(), all, Tolerances.AttentionOn(Backends.Get(backend), c.Format, decode: false), what, 8);
            Comparison.Same(all.AsSpan(2 * c.H * c.W, 7 * c.H * c.W), c.Rows(2, 7).Run(backend, decode: false), $"rows from 2, {what}");
        });
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsPublished(string backend)
    {
        AttentionCases.Golden(golden => golden.Run(backend, decode: false), Backends.Get(backend).AttendsInHalves);
    }
}
