using System;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class AttentionPrefillTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsReference(string backend) =>
        Shapes.ForAll(AttentionCase.Many, c => Comparison.Close(c.Expected(), c.Run(backend, decode: false), Tolerances.Attention, $"{c}", 8), tests: 50);

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void ARowDoesNotDependOnTheRowsBesideIt(string backend) =>
        Shapes.ForAll(
            AttentionCase.Many,
            c =>
            {
                int first = c.T / 3;
                int count = Math.Max(0, Math.Min(9, c.T - first));
                float[] all = c.Run(backend, decode: false);
                Comparison.Same(
                    all.AsSpan(first * c.H * c.W, count * c.H * c.W), c.Rows(first, count).Run(backend, decode: false), $"rows from {first} of {c}");
            },
            tests: 30);

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void EqualsPublished(string backend)
    {
        AttentionCase.Golden(golden => golden.Run(backend, decode: false));
    }
}
