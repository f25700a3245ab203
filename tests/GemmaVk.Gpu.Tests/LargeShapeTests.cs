using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Sizes of the real model that the kernel tests leave out because they are slow elsewhere.</summary>
public sealed class LargeShapeTests
{
    [Fact]
    public void SamplesFromTheWholeVocabulary()
    {
        const int V = 262144, T = 3;
        using TestBackend test = new(o => o with { Validation = false });
        Random random = new(5);
        float[] values = [.. Enumerable.Range(0, T * V).Select(_ => MathF.Round((random.NextSingle() - 0.5f) * 4000) / 100)];
        int[] suppress = [258883, 258882];
        int[] at = [10, 11, 100000];
        using BufferHandle logits = test.Filled<float>(DType.F32, values);
        using BufferHandle suppressed = test.Filled<int>(DType.I32, suppress);
        using BufferHandle positions = test.Filled<int>(DType.I32, at);
        using BufferHandle ids = test.Filled<int>(DType.I32, new int[T]);
        foreach (Sample.Choice choice in new Sample.Choice[] { new(), new(1, 64, 0.95f, 0, 9), new(0.7f, 1000, 0.5f, 0.1f, 10), new(1.5f, 0, 0.9f, 0, 11) })
        {
            test.Run(pass => pass.Sample(new(logits, suppressed, 2, positions, ids, T, V, choice)));
            int[] drawn = new int[T];
            test.Backend.Read<int>(ids, drawn);
            for (int t = 0; t < T; t++)
            {
                ReadOnlySpan<float> row = values.AsSpan(t * V, V);
                if (choice.Temperature == 0)
                {
                    Assert.Equal(Sample.Reference(row, suppress, choice, at[t]), drawn[t]);
                    continue;
                }

                // The draw must fall into the drawn id's share of [0, 1), up to what sums in F32 lose.
                double[] p = Sample.Probabilities(row, suppress, choice);
                double u = Sample.Uniform(choice.Seed, at[t] + 1);
                double before = p.Take(drawn[t]).Sum();
                Assert.True(p[drawn[t]] > 0 && u > before - 1e-5 && u < before + p[drawn[t]] + 1e-5, $"{choice}, row {t}: {drawn[t]} has [{before}, {before + p[drawn[t]]}), u {u}");
            }
        }
    }

    [Fact]
    public void RowsBeyondOneAxisOfWorkgroups()
    {
        const int R = 70001, D = 4;
        using TestBackend test = new(o => o with { Validation = false });
        float[] values = [.. Enumerable.Range(0, R * D).Select(i => (float)(i % 7) + 1)];
        using BufferHandle x = test.Filled<float>(DType.F32, values);
        float[] expected = new float[R * D];
        RmsNorm.Reference(values, default, expected, R, D, 1e-6f);
        test.Run(pass => pass.RmsNorm(new(x, null, x, R, D, 1e-6f)));
        float[] actual = test.Read(x);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5f);
    }

    [Fact]
    public void TheHeadOfTheModelInOneProduct()
    {
        const int N = 262144, K = 64;
        using TestBackend test = new(o => o with { Validation = false });
        SeededMatrix source = new(DType.Q8, N, K);
        using WeightMatrix w = test.Backend.Place(source);
        float[] x = [.. Enumerable.Range(0, K).Select(i => (i % 5) - 2f)];
        using BufferHandle rows = test.Filled<float>(DType.F32, x);
        using BufferHandle y = test.Backend.Allocate("y", DType.F32, new Shape(1, N));
        test.Run(pass => pass.MatVec(new(new(rows), w, y, 1)));
        float[] expected = new float[N];
        MatVec.Reference(x, DType.Q8, source.Data, source.Scales, expected, 1, N, K);
        float[] actual = test.Read(y);
        for (int n = 0; n < N; n++)
            Assert.Equal(expected[n], actual[n], 1e-3f);
    }
}
