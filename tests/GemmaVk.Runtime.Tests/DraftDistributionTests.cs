using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

// Letters: V vocabulary, T rows of a round.

/// <summary>
/// Draws from golden distributions, with drafts accepted by the rule: how many are, and what comes instead, follows the
/// probabilities of the golden data. Positions take the place of seeds, so the counts are the same on every run.
/// </summary>
public class DraftDistributionTests
{
    [Theory]
    [InlineData("cpu", 4000)]
    [InlineData("vulkan", 400)]
    [InlineData("ilgpu", 400)]
    public void Rounds_accept_as_often_as_they_should(string device, int trials)
    {
        using IBackend backend = Backends.Open(device);
        int rounds = 0;
        foreach (JsonElement round in Sampling().GetProperty("rounds").EnumerateArray())
        {
            int[] drafts = [.. round.GetProperty("drafts").EnumerateArray().Select(id => id.GetInt32())];
            float[][] rows = [.. round.GetProperty("target_rows").EnumerateArray().Select(row => row.EnumerateArray().Select(p => Logit(p.GetDouble())).ToArray())];
            double[] expected = [.. round.GetProperty("probability_of_accepting_exactly_n").EnumerateArray().Select(p => p.GetDouble())];
            int[] counts = new int[expected.Length];
            using Draws draws = new(backend, rows);
            for (int trial = 0; trial < trials; trial++)
            {
                counts[SpeculativeDecoder.Accepted(drafts, draws.At(trial * rows.Length))]++;
            }

            Follows(expected, counts, $"round {rounds} on {device}");
            rounds++;
        }

        Assert.Equal(20, rounds);
    }

    [Fact]
    public void A_draft_is_accepted_with_its_own_probability_and_what_comes_instead_follows_the_rest()
    {
        using IBackend backend = Backends.Open("cpu");
        using GoldenCase arrays = new(Repository.Golden("sampling", "sampling.safetensors"));
        int cases = 0;
        foreach (JsonElement single in Sampling().GetProperty("speculative").EnumerateArray())
        {
            float[] p = arrays.Floats(single.GetProperty("probs").GetString()!);
            int draft = single.GetProperty("draft").GetInt32();
            double accept = single.GetProperty("accept_probability").GetDouble();
            float[]? residual = single.GetProperty("residual").ValueKind == JsonValueKind.Null ? null : arrays.Floats(single.GetProperty("residual").GetString()!);
            using Draws draws = new(backend, [[.. p.Select(x => Logit(x))]]);
            int accepted = 0;
            int[] instead = new int[p.Length];
            const int trials = 2000;
            for (int trial = 0; trial < trials; trial++)
            {
                ReadOnlySpan<int> drawn = draws.At(trial);
                int n = SpeculativeDecoder.Accepted([draft], drawn);
                accepted += n;
                instead[drawn[0]] += 1 - n;
            }

            Follows([accept, 1 - accept], [accepted, trials - accepted], $"acceptance of case {cases}");
            Assert.Equal(0, instead[draft]);
            if (residual is not null)
            {
                Follows([.. residual.Select(x => (double)x)], instead, $"what comes instead in case {cases}");
            }

            cases++;
        }

        Assert.Equal(60, cases);
    }

    private static JsonElement Sampling() => JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("sampling", "sampling.json"))).RootElement;

    private static float Logit(double p) => p == 0 ? float.NegativeInfinity : (float)Math.Log(p);

    /// <summary>Chi-square over the outcomes expected at least five times, the others taken together.</summary>
    private static void Follows(double[] expected, int[] counts, string what)
    {
        double total = counts.Sum(), square = 0, restExpected = 0;
        int freedom = -1, rest = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            double wanted = expected[i] * total;
            Assert.True(expected[i] > 0 || counts[i] == 0, $"{what}: outcome {i} is impossible, but came {counts[i]} times");
            if (wanted >= 5)
            {
                square += Math.Pow(counts[i] - wanted, 2) / wanted;
                freedom++;
            }
            else
            {
                (restExpected, rest) = (restExpected + wanted, rest + counts[i]);
            }
        }

        if (restExpected >= 1)
        {
            square += Math.Pow(rest - restExpected, 2) / restExpected;
            freedom++;
        }

        // Beyond four standard deviations of chi-square: with these fixed draws a right rule stays below.
        double limit = freedom + (4 * Math.Sqrt(2 * Math.Max(freedom, 1))) + 4;
        Assert.True(square <= limit, $"{what}: chi-square {square:f1} with {freedom} degrees of freedom, limit {limit:f1}");
    }

    /// <summary>One Sample over T rows of logits, at positions that are written before each run.</summary>
    private sealed class Draws : IDisposable
    {
        private readonly IBackend _backend;
        private readonly float[] _logits;
        private readonly int[] _drawn;
        private readonly List<IDisposable> _owned = [];
        private readonly BufferHandle _buffer;
        private readonly BufferHandle _positions;
        private readonly BufferHandle _ids;
        private readonly IRecording _recording;

        public Draws(IBackend backend, float[][] rows)
        {
            (int T, int V) = (rows.Length, rows[0].Length);
            _backend = backend;
            _logits = [.. rows.SelectMany(row => row)];
            _drawn = new int[T];
            _buffer = Own(backend.Allocate("logits", DType.F32, new Shape(T, V), BufferUse.Step));
            _positions = Own(backend.Allocate("positions", DType.I32, new Shape(T), BufferUse.Step));
            _ids = Own(backend.Allocate("ids", DType.I32, new Shape(T), BufferUse.Step));
            BufferHandle suppress = Own(backend.Allocate("suppress", DType.I32, new Shape(1), BufferUse.Step));
            _recording = Own(backend.Record("draws", pass => pass.Sample(new(_buffer, suppress, 0, _positions, _ids, T, V, new Sample.Choice(Temperature: 1, Seed: 21)))));
        }

        public ReadOnlySpan<int> At(int position)
        {
            _backend.Write<float>(_buffer, _logits);
            _backend.Write<int>(_positions, [.. Enumerable.Range(position, _drawn.Length)]);
            _backend.Run(_recording);
            _backend.Read(_ids, _drawn.AsSpan());
            return _drawn;
        }

        public void Dispose() => _owned.ForEach(owned => owned.Dispose());

        private T Own<T>(T disposable)
            where T : IDisposable
        {
            _owned.Add(disposable);
            return disposable;
        }
    }
}
