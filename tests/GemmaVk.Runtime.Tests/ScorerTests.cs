using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>Likelihoods of texts: those of the published logits, of single steps, and the same however the text comes in pieces.</summary>
public class ScorerTests
{
    // F32 sums in another order move a logit of the tiny model by up to 8e-5 (GoldenModelTests), and its log-probability with it.
    private const double Rounding = 3e-4;

    /// <summary>The same bits for every chunk but the shortest: up to eight rows go through other sums than more of them.</summary>
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void Likelihoods_are_those_of_the_published_logits(string device)
    {
        using GoldenCase golden = new(Repository.Golden("tiny-cases", "text.safetensors"));
        int[] ids = golden.Ints("ids");
        double[] published = Logprobs(golden.Floats("logits"), ids, 512);
        List<double[]> all = [];
        foreach (int chunk in device == "reference" ? (int[])[31] : [512, 31, 36, 73, 79, 17, 8])
        {
            using Tiny tiny = new(device, chunk);
            using Session session = tiny.Model.NewSession(ids.Length);
            Likelihoods actual = new Scorer(tiny.Model).Score(session, new PromptRows(ids), new(TopLogprobs: 3));
            Assert.Equal(ids[1..], actual.Tokens.Select(token => token!.Id));
            Compare(published, actual, 1e-3, $"chunk {chunk}");
            Assert.All(actual.Tokens, token => Assert.True(token!.Rank > 0 || token.Top[0].Id == token.Id));
            Assert.Equal(actual.Tokens.Sum(token => token!.Logprob), actual.Sum);
            Assert.Equal((ids.Length - 1, ids[^1]), (session.Length, Assert.Single(session.Pending)));
            if (chunk > 2 * MatVec.MaxRows && all.Count > 0)
            {
                Assert.Equal(all[0], actual.Tokens.Select(token => token!.Logprob));
            }

            all.Add([.. actual.Tokens.Select(token => token!.Logprob)]);
        }

        foreach (double[] other in all.Skip(1))
        {
            Assert.InRange(all[0].Zip(other, (a, b) => Math.Abs(a - b)).Max(), 0, Rounding);
        }
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("vulkan")]
    public void They_are_those_of_single_steps(string device)
    {
        using Tiny tiny = new(device, 64);
        int[] ids = DraftRun.Ids(device == "cpu" ? 150 : 40, 3);
        AssertSteps(tiny.Model, ids, Rounding);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("vulkan")]
    public void Those_of_Pebble_are_those_of_single_steps(string device)
    {
        using TinyPair pebble = TinyPair.Pebble(device);
        (int[] prompt, int[] answer) = DraftRun.PebbleExamples()[0];
        AssertSteps(pebble.Model, [.. prompt, .. answer], Rounding);
        using Session session = pebble.Model.NewSession(400);
        Likelihoods likely = new Scorer(pebble.Model).Score(session, new PromptRows([.. prompt, .. answer]), new(From: prompt.Length));
        Assert.True(likely.IsGreedy);
        Assert.Equal(answer.Length, likely.Count);
    }

    /// <summary>INT8 rows are made once for all groups of a pass; the tracer makes them anew for each.</summary>
    [Theory]
    [InlineData("cpu")]
    [InlineData("vulkan")]
    public void With_integers_they_are_those_of_the_traced_logits(string device)
    {
        using TinyPair pair = new(device, new(Linears: DType.Q4, Embedding: DType.Q8, QuantiseActivations: true), chunk: 48);
        int[] ids = DraftRun.Ids(80, 6);
        List<float> logits = [];
        new Tracer(pair.Model).Run(ids, steps: false, (name, _, _, values) => logits.AddRange(name == "logits" ? values : []), position => position < ids.Length - 1);
        Compare(Logprobs([.. logits], ids, 512), Alone(pair.Model, ids), 1e-10, "traced");
    }

    [Fact]
    public async Task They_come_beside_answers_and_change_none()
    {
        using TinyPair pair = new("cpu", new Precision(), chunk: 64, drafts: 2);
        int[][] texts = [.. Enumerable.Range(1, 4).Select(i => DraftRun.Ids(40 * i, i))];
        GenerationOptions options = new(60, new(1.3f, TopK: 40, Seed: 5), new HashSet<int>());
        Likelihoods[] alone = [.. texts.Select(text => Alone(pair.Model, text))];
        using Session own = pair.Model.NewSession(300), beside = pair.Model.NewSession(300);
        Generation expected = new Generator(pair.Model).Generate(own, DraftRun.Ids(70, 9), options);
        using ContinuousBatch batch = new(pair.Model, pair.Drafter) { PrefillTime = TimeSpan.FromTicks(1) };
        Session[] sessions = [.. texts.Select(_ => pair.Model.NewSession(200))];
        Task<Generation> answer = batch.Generate(beside, new PromptRows(DraftRun.Ids(70, 9)), options);
        Task<Likelihoods>[] scores = [.. texts.Select((text, i) => batch.Score(sessions[i], new PromptRows(text)))];
        Likelihoods[] actual = await Task.WhenAll(scores).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(expected.Ids, (await answer).Ids);
        foreach ((Likelihoods one, Likelihoods other) in alone.Zip(actual))
        {
            Assert.Equal(one.Tokens.Select(token => token!.Logprob), other.Tokens.Select(token => token!.Logprob));
        }

        // Another ending of the last text: its beginning is in the cache, and the answer that follows is the one it would have without.
        int[] varied = [.. texts[3][..150], 20, 21, 22];
        Likelihoods again = await batch.Score(sessions[3], new PromptRows(varied), new(From: 150));
        Assert.Equal(149, again.Cached);
        Assert.Equal(Alone(pair.Model, varied).Tokens.TakeLast(3).Sum(token => token!.Logprob), again.Sum, Rounding);
        Generation after = await batch.Generate(sessions[3], PromptRows.None, options with { MaxTokens = 5 });
        Assert.Equal(5, after.Ids.Count);
        Array.ForEach(sessions, session => session.Dispose());
    }

    [Fact]
    public async Task What_cannot_be_scored_is_a_sentence()
    {
        using TinyPair pair = new("cpu", new Precision(), chunk: 16);
        using ContinuousBatch batch = new(pair.Model);
        using Session session = pair.Model.NewSession(40);
        foreach ((int[] ids, ScoreOptions options, string says) in ((int[], ScoreOptions, string)[])
        [
            ([], new(), "the text to score: expected at least one token"),
            ([2, 3], new(From: 0), "From: expected 1 to 2, the rows of the text, but 0 came"),
            ([2, 3], new(From: 3), "From: expected 1 to 2, the rows of the text, but 3 came"),
            ([2, 3], new(TopLogprobs: 21), "TopLogprobs: expected 0 to 20, but 21 came"),
            ([2, 512], new(), "token 512 of the prompt"),
            (DraftRun.Ids(42, 1), new(), "the text to score has 42 tokens, more than --context 40"),
        ])
        {
            GemmaVkException error = await Assert.ThrowsAnyAsync<GemmaVkException>(() => batch.Score(session, new PromptRows(ids), options));
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
        }

        Likelihoods fits = await batch.Score(session, new PromptRows(DraftRun.Ids(41, 1)));
        Assert.Equal(40, fits.Count);
        Assert.Empty((await batch.Score(session, new PromptRows([2]))).Tokens);
        Assert.Equal((0, 1), (session.Length, session.Pending.Count));
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        int[] text = DraftRun.Ids(39, 2);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batch.Score(session, new PromptRows(text), null, cancelled.Token));
        Assert.Equal(text, session.Past.Ids.ToArray());
        Assert.Equal(38, (await batch.Score(session, new PromptRows(text))).Count);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("vulkan")]
    public void Media_are_followed_and_not_scored(string device)
    {
        using Tiny tiny = new(device, 64);
        foreach (string name in (string[])["mixed", "image_first", "audio"])
        {
            using GoldenCase golden = new(Repository.Golden("tiny-cases", name + ".safetensors"));
            PromptRows prompt = MediaCase.Prompt(tiny.Model, golden);
            int[] ids = prompt.Ids.ToArray(), kinds = golden.Ints("kinds");
            double[] published = Logprobs(golden.Floats("logits"), ids, 512);
            using Session session = tiny.Model.NewSession(ids.Length);
            Likelihoods actual = new Scorer(tiny.Model).Score(session, prompt);
            Assert.Equal(kinds[1..].Select(kind => kind != 0), actual.Tokens.Select(token => token is null));
            foreach ((double expected, TokenLogprob? token) in published.Zip(actual.Tokens))
            {
                Assert.InRange(token?.Logprob ?? expected, expected - 1e-3, expected + 1e-3);
            }

            Assert.Equal(ids, session.Past.Ids.ToArray());
            Assert.Equal(prompt.Media.Count, session.Past.Media.Count);
        }
    }

    private static void AssertSteps(GemmaModel model, int[] ids, double tolerance)
    {
        using Session stepping = model.NewSession(ids.Length);
        float[] logits = new float[(ids.Length - 1) * model.Config.VocabSize];
        for (int i = 0; i < ids.Length - 1; i++)
        {
            stepping.Prefill(ids.AsSpan(i, 1), null);
            stepping.ReadLogits(logits.AsSpan(i * model.Config.VocabSize, model.Config.VocabSize));
        }

        Compare(Logprobs(logits, ids, model.Config.VocabSize), Alone(model, ids), tolerance, "single steps");
    }

    private static Likelihoods Alone(GemmaModel model, int[] text)
    {
        using Session session = model.NewSession(text.Length);
        return new Scorer(model).Score(session, new PromptRows(text));
    }

    private static void Compare(double[] expected, Likelihoods actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Tokens.Count);
        double worst = expected.Zip(actual.Tokens, (e, token) => Math.Abs(e - token!.Logprob)).Max();
        Assert.True(worst <= tolerance, $"{what}: worst {worst}");
    }

    /// <summary>Of ids[1..], from rows of V logits.</summary>
    private static double[] Logprobs(float[] logits, int[] ids, int V)
    {
        return [.. Enumerable.Range(1, ids.Length - 1).Select(i =>
        {
            ReadOnlySpan<float> row = logits.AsSpan((i - 1) * V, V);
            double sum = 0;
            foreach (float value in row)
            {
                sum += Math.Exp((double)value);
            }

            return row[ids[i]] - Math.Log(sum);
        })];
    }

    private sealed class Tiny : IDisposable
    {
        private readonly IBackend _backend;
        private readonly Checkpoint _checkpoint;

        public Tiny(string device, int chunk)
        {
            _backend = Backends.Open(device);
            _checkpoint = Checkpoint.Open(Repository.Golden("tiny"));
            Model = GemmaModel.Load(_checkpoint, _backend, Precision.Reference, chunk);
        }

        public GemmaModel Model { get; }

        public void Dispose()
        {
            Model.Dispose();
            _checkpoint.Dispose();
            _backend.Dispose();
        }
    }
}
