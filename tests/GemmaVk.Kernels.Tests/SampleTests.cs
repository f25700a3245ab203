using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Kernels.Tests;

public class SampleTests
{
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void GreedyTakesTheLowestOfEqualMaxima(string backend) =>
        Assert.Equal([1], Run(backend, [0, 5, 5, 9], [3], new Sample.Choice(), [0], 4));

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void OneCandidateIsCertain(string backend) =>
        Assert.Equal([2], Run(backend, [0, 1, 2, 1.5f], [], new Sample.Choice(1, TopK: 1, Seed: 5), [7], 4));

    /// <summary>A number that is none, wherever it stands, and one that is only suppressed.</summary>
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void NothingIsDrawnFromLogitsThatAreNotFinite(string backend)
    {
        foreach (Sample.Choice choice in (Sample.Choice[])[new(), new(0.7f, TopK: 3, TopP: 0.9f, Seed: 1)])
        {
            foreach (int V in (int[])[5, 300, 1027])
            {
                foreach (float bad in (float[])[float.NaN, -float.NaN, BitConverter.UInt32BitsToSingle(0xFF800001), float.PositiveInfinity])
                {
                    foreach (int at in (int[])[0, 1, V / 2, V - 1])
                    {
                        float[] logits = new float[3 * V];
                        logits[V + at] = bad;
                        int[] ids = Run(backend, logits, [], choice, [0, 1, 2], V);
                        Assert.Equal(-1, ids[1]);
                        Assert.InRange(ids[0], 0, V - 1);
                        Assert.InRange(ids[2], 0, V - 1);
                        Assert.Equal(Sample.Reference(logits.AsSpan(V, V), [], choice, 1), ids[1]);
                        Assert.InRange(Run(backend, logits, [at], choice, [0, 1, 2], V)[1], 0, V - 1);
                    }
                }
            }
        }
    }

    /// <summary>A mask that allows nothing, or only what is suppressed or minus infinity.</summary>
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void NothingIsDrawnWhereNothingIsAllowed(string backend)
    {
        foreach (Sample.Choice choice in (Sample.Choice[])[new(), new(0.7f, TopK: 3, TopP: 0.9f, Seed: 1), new(1)])
        {
            foreach (int V in (int[])[5, 32, 300, 1027])
            {
                float[] logits = Shapes.Values(4 * V, V, 6);
                logits[(2 * V) + 4] = float.NegativeInfinity;
                int[] allowed = new int[4 * Sample.Words(V)];
                allowed[0] = 1 << 3;
                allowed[Sample.Words(V)] = 1 << 4;
                allowed[2 * Sample.Words(V)] = 1 << 4;
                Assert.Equal([-1, 4, -1, -1], Run(backend, logits, [3], choice, [0, 1, 2, 3], V, 0, allowed));
            }
        }
    }

    /// <summary>A logit that is not finite does not count where its id is not allowed.</summary>
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void WhatIsNotAllowedIsNotLookedAt(string backend)
    {
        float[] logits = [1, float.NaN, 2, float.PositiveInfinity];
        Assert.Equal([2], Run(backend, logits, [], new Sample.Choice(), [0], 4, 0, [0b0101]));
        Assert.Equal([-1], Run(backend, logits, [], new Sample.Choice(), [0], 4, 0, [0b0111]));
    }

    [KernelProperty(150)]
    public void MaskedEqualsReference(DrawShape draw, Vocabulary V, Seed seed)
    {
        double share = ((double[])[0, 0.001, 0.1, 0.5, 0.97, 1])[seed % 6];
        Random random = new(seed);
        int words = Sample.Words(V), first = seed / 6 % 3;
        float[] logits = Shapes.Values((first + draw.T) * V, seed, 6);
        int[] suppress = [.. Enumerable.Range(0, V > 2 ? 2 : 0).Select(_ => random.Next(V))];
        int[] allowed = new int[(first + draw.T) * words];
        for (int t = 0; t < first + draw.T; t++)
        {
            for (int i = 0; i < V; i++)
            {
                allowed[(t * words) + (i >> 5)] |= random.NextDouble() < share ? 1 << i : 0;
            }

            // One that is left at least, but for a row in eight.
            int one = random.Next(V);
            allowed[(t * words) + (one >> 5)] |= random.Next(8) > 0 ? 1 << one : 0;
        }

        int[] positions = [.. Enumerable.Range(seed % 1000, first + draw.T)];
        Sample.Choice choice = new(draw.Temperature, draw.TopK, draw.TopP, draw.MinP, (ulong)seed.Value * 0x9E3779B97F4A7C15);
        Backends.Each(backend =>
        {
            int[] actual = Run(backend, logits, suppress, choice, positions, V, first, allowed);
            for (int t = first; t < first + draw.T; t++)
            {
                AssertDrawn(logits.AsSpan(t * V, V), suppress, choice, positions[t], actual[t], $"row {t}", allowed.AsSpan(t * words, words));
                Assert.True(actual[t] < 0 || Sample.IsAllowed(allowed.AsSpan(t * words, words), actual[t]), $"row {t}: {actual[t]} is not allowed");
            }
        });
    }

    /// <summary>Rows without a mask in front of and behind masked ones are left alone.</summary>
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void AMaskIsOfItsRowsAlone(string backend)
    {
        const int V = 70;
        float[] logits = Shapes.Values(3 * V, 5, 6);
        int[] allowed = new int[3 * Sample.Words(V)];
        allowed[Sample.Words(V) + 2] = 1 << 5;
        using KernelSession session = new(backend);
        var (rows, none, at, bits) = (session.Floats(logits), session.Ints([0]), session.Ints([0, 1, 2]), session.Ints(allowed));
        var ids = session.Empty(DType.I32, 3);
        session.Run(pass =>
        {
            pass.Sample(new(rows, none, 0, at, ids, 1, V, default, 0));
            pass.Sample(new(rows, none, 0, at, ids, 1, V, default, 1, bits));
            pass.Sample(new(rows, none, 0, at, ids, 1, V, default, 2));
        });
        Assert.Equal([Sample.Reference(logits.AsSpan(0, V), [], default, 0), 69, Sample.Reference(logits.AsSpan(2 * V, V), [], default, 2)], session.Read<int>(ids));
    }

    [KernelProperty(200)]
    public void EqualsReference(DrawShape draw, Vocabulary V, bool ties, Seed seed)
    {
        Random random = new(seed);
        float[] logits = Shapes.Values(draw.T * V, seed, 6);
        if (ties)
        {
            logits = [.. logits.Select(value => MathF.Round(value))];
        }

        int[] suppress = [.. Enumerable.Range(0, V > 2 ? 2 : 0).Select(_ => random.Next(V))];
        int[] positions = [.. Enumerable.Range(seed % 1000, draw.T)];
        Sample.Choice choice = new(draw.Temperature, draw.TopK, draw.TopP, draw.MinP, (ulong)seed.Value * 0x9E3779B97F4A7C15);
        Backends.Each(backend =>
        {
            int[] actual = Run(backend, logits, suppress, choice, positions, V);
            for (int t = 0; t < draw.T; t++)
            {
                AssertDrawn(logits.AsSpan(t * V, V), suppress, choice, positions[t], actual[t], $"row {t}");
            }
        });
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void DrawsFollowPublishedDistributions(string backend)
    {
        GoldenFile golden = GoldenFile.Open("sampling/sampling.safetensors");
        foreach (SamplingCase published in SamplingCase.All())
        {
            float[] logits = published.Penalised(golden);
            float[] rows = [.. Enumerable.Range(0, 3).SelectMany(_ => logits)];
            int[] positions = [published.Case, published.Case + 1000, published.Case + 2000];
            int[] ids = Run(backend, rows, published.Suppress, published.Choice, positions, logits.Length);
            float[] p = published.Expected(golden, logits.Length);
            for (int t = 0; t < 3; t++)
            {
                if (!published.Straddles)
                {
                    Assert.True(p[ids[t]] > 0, $"case {published.Case}: {ids[t]} was drawn and has no weight");
                }

                AssertDrawn(logits, published.Suppress, published.Choice, positions[t], ids[t], $"case {published.Case}");
            }
        }
    }

    [Fact]
    public void ReferenceGivesPublishedDistributions()
    {
        GoldenFile golden = GoldenFile.Open("sampling/sampling.safetensors");
        int count = 0;
        foreach (SamplingCase published in SamplingCase.All())
        {
            double[] p = Sample.Probabilities(published.Penalised(golden), published.Suppress, published.Choice);
            float[] actual = [.. p.Select(value => (float)value)];
            float[] expected = published.Expected(golden, actual.Length);
            if (published.Straddles)
            {
                Array.Sort(actual);
                Array.Sort(expected);
            }

            Comparison.Close(expected, actual, new Tolerance(Tolerances.Probability(published.Row), 0), $"case {published.Case}");
            // Weights that F32 rounds to its smallest numbers may be zero in one of the two.
            Assert.Equal(expected.Count(value => value > 1e-30f), actual.Count(value => value > 1e-30f));
            count++;
        }

        Assert.Equal(498, count);
    }

    [Fact]
    public void UniformIsPhilox()
    {
        // Known answers of Philox4x32-10 for an all-zero key and counter: the first word is 6627e8d5.
        Assert.Equal((0x6627e8d5u >> 8) * (1f / 16777216f), Sample.Uniform(0, 0));
        Assert.InRange(Enumerable.Range(0, 20000).Average(position => Sample.Uniform(42, position)), 0.49f, 0.51f);
    }

    /// <summary>
    /// The reference's id; or another one if u lies on the border between them within rounding, or the weight of the likeliest tokens
    /// is top-p within rounding, so that one more or less may stay.
    /// </summary>
    private static void AssertDrawn(
        ReadOnlySpan<float> logits, int[] suppress, Sample.Choice choice, int position, int actual, string what, ReadOnlySpan<int> allowed = default)
    {
        const float Rounding = 2e-6f;
        int expected = Sample.Reference(logits, suppress, choice, position, allowed);
        if (expected == actual)
        {
            return;
        }

        Assert.NotEqual(0, choice.Temperature);
        Assert.True(expected >= 0 && actual >= 0, $"{what}: expected {expected}, actual {actual}");
        double u = Sample.Uniform(choice.Seed, position + 1);
        string shares = "";
        foreach (float border in choice.TopP < 1 ? (float[])[0, -Rounding, Rounding] : [0])
        {
            double[] p = Sample.Probabilities(logits, suppress, choice with { TopP = choice.TopP + border }, allowed);
            double before = p.Take(actual).Sum();
            if (p[actual] > 0 && u > before - Rounding && u < before + p[actual] + Rounding)
            {
                return;
            }

            shares += $" [{before}, {before + p[actual]})";
        }

        Assert.Fail($"{what}: expected {expected}, actual {actual} whose share of [0, 1) is{shares}, u {u}");
    }

    [Fact]
    public void WeightsThatAddUpToTopPMayKeepOneTokenMoreOrLess()
    {
        // Two tokens share all but 2e-9 of the weight: whether the first alone reaches one half is a matter of rounding, the third never stays.
        float[] logits = [9, 9, 3];
        Sample.Choice choice = new(0.3f, TopP: 0.5f, Seed: 1);
        int position = Enumerable.Range(0, 100).First(at => Sample.Uniform(1, at + 1) > 0.6f);
        AssertDrawn(logits, [], choice, position, 0, "first alone");
        AssertDrawn(logits, [], choice, position, 1, "first and second");
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertDrawn(logits, [], choice, position, 2, "third"));
    }

    private static int[] Run(string backend, float[] logits, int[] suppress, Sample.Choice choice, int[] positions, int V, int first = 0, int[]? allowed = null)
    {
        using KernelSession session = new(backend);
        var logitBuffer = session.Floats(logits);
        var suppressBuffer = session.Ints(suppress);
        var positionBuffer = session.Ints(positions);
        var ids = session.Empty(DType.I32, positions.Length);
        var allowedBuffer = allowed is null ? null : session.Ints(allowed);
        session.Run(pass => pass.Sample(new(logitBuffer, suppressBuffer, suppress.Length, positionBuffer, ids, positions.Length - first, V, choice, first, allowedBuffer)));
        return session.Read<int>(ids);
    }

    private sealed record SamplingCase(
        int Case, string Row, string Logits, string? Probs, int Greedy, int[] Suppress, int[] History, float Penalty, Sample.Choice Choice, bool Straddles)
    {
        /// <summary>The published distribution; of a greedy case all weight is on its id.</summary>
        public float[] Expected(GoldenFile golden, int V)
        {
            float[] p = Probs is null ? new float[V] : golden.Floats(Probs);
            if (Probs is null)
            {
                p[Greedy] = 1;
            }

            return p;
        }

        public static IEnumerable<SamplingCase> All()
        {
            using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("sampling", "sampling.json")));
            foreach (JsonElement c in file.RootElement.GetProperty("cases").EnumerateArray())
            {
                yield return new SamplingCase(
                    c.GetProperty("case").GetInt32(),
                    c.GetProperty("row").GetString()!,
                    c.GetProperty("logits").GetString()!,
                    c.GetProperty("probs").GetString(),
                    c.GetProperty("greedy").ValueKind == JsonValueKind.Null ? -1 : c.GetProperty("greedy").GetInt32(),
                    Ints(c.GetProperty("suppress")),
                    Ints(c.GetProperty("history")),
                    c.GetProperty("repetition_penalty").GetSingle(),
                    new Sample.Choice(
                        c.GetProperty("temperature").GetSingle(),
                        c.GetProperty("top_k").GetInt32(),
                        c.GetProperty("top_p").GetSingle(),
                        c.GetProperty("min_p").ValueKind == JsonValueKind.Null ? 0 : c.GetProperty("min_p").GetSingle(),
                        (ulong)c.GetProperty("case").GetInt32()),
                    c.TryGetProperty("equal_values_straddle_the_cut", out JsonElement straddles) && straddles.GetBoolean());
            }
        }

        /// <summary>The penalty is the host's part: larger logits are divided, negative ones multiplied.</summary>
        public float[] Penalised(GoldenFile golden)
        {
            float[] logits = golden.Floats(Logits);
            foreach (int id in History.Distinct())
            {
                logits[id] = logits[id] > 0 ? logits[id] / Penalty : logits[id] * Penalty;
            }

            return logits;
        }

        private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetInt32())];
    }
}
