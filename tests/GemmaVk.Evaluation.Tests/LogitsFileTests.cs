using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FsCheck.Xunit;
using GemmaVk.Evaluation.Agreement;
using GemmaVk.Evaluation.Perplexity;
using GemmaVk.Evaluation.StoredLogits;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Evaluation.Tests;

/// <summary>Files of logits: what is written is read, bounds hold, damage is refused.</summary>
public class LogitsFileTests
{
    private const int V = 50;

    [Property(MaxTest = 200)]
    public void The_divergence_lies_between_its_bounds(Seed seed)
    {
        Random random = new(seed);
        float scale = seed.Pick(1f, 0.01f, 5f, 12f);
        float[] p = Row(random, scale), q = [.. p.Select(logit => logit + ((random.NextSingle() - 0.5f) * scale))];
        double logQ = Divergence.LogSum(q);
        double exact = Divergence.Of(Stored(p, 0), q, logQ).Low;
        double byHand = Enumerable.Range(0, V).Sum(i => Math.Exp(p[i] - Divergence.LogSum(p)) * (p[i] - Divergence.LogSum(p) - q[i] + logQ));
        Assert.Equal(Math.Max(0, byHand), exact, 1e-12);
        double before = double.PositiveInfinity;
        foreach (int k in (int[])[1, 2, 7, 20, V - 1, V])
        {
            Divergence bounds = Divergence.Of(Stored(p, k), q, logQ);
            Assert.InRange(exact, bounds.Low - 2e-6, bounds.High + 2e-6);
            Assert.True(bounds.High <= before + 2e-6, $"{k} tokens: {bounds.High} after {before}");
            before = bounds.High;
        }

        Assert.Equal(exact, before, 2e-6);
    }

    [Property(MaxTest = 60)]
    public void What_is_written_is_read(Seed seed)
    {
        Random random = new(seed);
        int k = seed.Pick(0, 1, 5, V);
        float[][] rows = [.. Enumerable.Range(0, 4).Select(_ => Row(random, 4))];
        using LogitsFile file = LogitsFile.Open(new MemoryStream(Bytes(rows, k)), "file");
        Assert.Equal((k, 4, V, "pebble"), (file.Header.Top, file.Header.Tokens, file.Header.Vocabulary, file.Header.Model));
        for (int i = 0; i < rows.Length; i++)
        {
            StoredRow row = file.Next();
            Assert.Equal(i, row.Id);
            if (k == 0)
            {
                Assert.Equal(rows[i], row.Logprobs.ToArray());
                continue;
            }

            int[] likeliest = [.. Enumerable.Range(0, V).OrderByDescending(id => rows[i][id]).ThenBy(id => id).Take(k)];
            Assert.Equal(likeliest, row.Ids.ToArray());
            double sum = Divergence.LogSum(rows[i]);
            Assert.Equal(rows[i][i] - sum, row.Logprob, 2e-6);
            Assert.Equal(Enumerable.Range(0, V).Except(likeliest).Sum(id => Math.Exp(rows[i][id] - sum)), Math.Exp(row.Tail), 1e-6);
        }
    }

    [Fact]
    public void Of_equals_the_lower_id_comes_first()
    {
        int[] ids = new int[4];
        StoredRow.Likeliest([1f, 3f, 3f, 2f, 3f, 2f], ids);
        Assert.Equal([1, 2, 4, 3], ids);
    }

    [Fact]
    public void A_file_that_is_cut_short_is_refused_wherever_it_is_cut()
    {
        byte[] whole = Bytes([Row(new Random(1), 3), Row(new Random(2), 3)], 5);
        for (int length = 0; length < whole.Length; length++)
        {
            GemmaVkException error = Assert.Throws<GemmaVkException>(() => LogitsFile.Open(new MemoryStream(whole[..length]), "half.logits"));
            Assert.StartsWith("half.logits: expected", error.Message, StringComparison.Ordinal);
        }

        using LogitsFile read = LogitsFile.Open(new MemoryStream(whole), "whole.logits");
        Assert.Equal(2, read.Header.Tokens);
    }

    [Property(MaxTest = 500)]
    public void Damage_is_read_or_refused(Damages damages)
    {
        byte[] damaged = damages.Apply(Bytes([Row(new Random(1), 3), Row(new Random(2), 3)], 5));
        try
        {
            using LogitsFile file = LogitsFile.Open(new MemoryStream(damaged), "file");
            for (int i = 0; i < file.Header.Tokens; i++)
            {
                StoredRow row = file.Next();
                Assert.All(row.Ids.ToArray(), id => Assert.InRange(id, 0, file.Header.Vocabulary - 1));
            }
        }
        catch (GemmaVkException error)
        {
            Assert.StartsWith("file: expected", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_same_run_agrees_with_itself_and_another_tokenizer_text_or_window_is_refused()
    {
        using TemporaryFolder folder = new();
        EvaluatedText text = EvaluatedText.Of("Once there was a fox named Ana.", Pebble.Tokenizer);
        WindowPlan plan = WindowPlan.Of(WindowKind.Sliding, text.Ids.Length, 8, 4);
        int size = Pebble.Tokenizer.VocabularySize;
        int files = 0;
        AgreementTally Against(LogitsHeader header)
        {
            string path = folder[$"{files++}.logits"];
            using (FileStream stream = File.Create(path))
            {
                LogitsWriter writer = new(stream, header);
                Play(writer, text, size, header.Tokens);
            }

            return new AgreementTally(LogitsFile.Open(path), text, plan, size);
        }

        LogitsHeader good = new("pebble", text.TokenizerHash, text.TextHash, size, plan.Tokens, 16, plan.Kind, plan.Context, plan.Stride, new Dictionary<string, string>());
        AgreementTally tally = Against(good);
        Play(tally, text, size, plan.Tokens);
        AgreementResult result = tally.Result();
        Assert.Equal((plan.Tokens, 1.0, 1.0), (result.Tokens, result.TopOne.Value, result.TopFive.Value));
        Assert.InRange(result.Divergence.Value, 0, 1e-6);
        Assert.Equal(1, result.PerplexityRatio.Value, 5);
        Assert.Equal(plan.Tokens, result.Histogram.Sum());
        Assert.Equal(plan.Tokens, result.ByPlace.Sum(place => place.Tokens));

        string Refused(LogitsHeader header) => Assert.Throws<GemmaVkException>(() => Against(header)).Message;
        Assert.Contains("expected the tokenizer of this model", Refused(good with { TokenizerHash = "0123", Model = "llama" }), StringComparison.Ordinal);
        Assert.Contains("expected logits of this text", Refused(good with { TextHash = "0123" }), StringComparison.Ordinal);
        Assert.Contains("but the logits were saved with --windows sliding --context 8 --stride 3", Refused(good with { Stride = 3 }), StringComparison.Ordinal);
    }

    private static void Play(ILogitsListener listener, EvaluatedText text, int size, int tokens)
    {
        Random random = new(5);
        for (int i = 0; i < tokens; i++)
        {
            float[] logits = [.. Enumerable.Range(0, size).Select(_ => random.NextSingle() * 8)];
            double sum = Divergence.LogSum(logits);
            listener.Take(new ScoredToken(i, text.Ids[i], logits[text.Ids[i]] - sum, 0, 1 + (i % 7)), logits, sum);
        }
    }

    private static float[] Row(Random random, float scale) => [.. Enumerable.Range(0, V).Select(_ => (random.NextSingle() - 0.5f) * 2 * scale)];

    private static StoredRow Stored(float[] row, int k)
    {
        using LogitsFile file = LogitsFile.Open(new MemoryStream(Bytes([row], k)), "file");
        return file.Next();
    }

    private static byte[] Bytes(float[][] rows, int k)
    {
        MemoryStream stream = new();
        LogitsWriter writer = new(stream, new LogitsHeader("pebble", "aa", "bb", V, rows.Length, k, WindowKind.Sliding, 8, 4, new Dictionary<string, string> { ["device"] = "cpu" }));
        for (int i = 0; i < rows.Length; i++)
        {
            double sum = Divergence.LogSum(rows[i]);
            writer.Take(new ScoredToken(i, i, rows[i][i] - sum, 0, 1), rows[i], sum);
        }

        return stream.ToArray();
    }
}
