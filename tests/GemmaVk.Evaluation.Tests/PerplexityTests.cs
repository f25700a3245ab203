using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Evaluation.Agreement;
using GemmaVk.Evaluation.Perplexity;
using GemmaVk.Evaluation.StoredLogits;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Weights.Gguf.Writing;
using Xunit;

namespace GemmaVk.Evaluation.Tests;

/// <summary>Texts through the small model.</summary>
[Collection(PebbleCollection.Name)]
public class PerplexityTests(PebbleServer pebble)
{
    private static readonly string Whole = File.ReadAllText(Pebble.Text);

    /// <summary>llama.cpp's figure of the same file: tests/golden/pebble/perplexity.json says by which program.</summary>
    [Fact]
    public async Task Of_a_GGUF_file_it_is_llama_perplexitys()
    {
        using TemporaryFolder folder = new();
        GgufExport.Write(Repository.Pebble, folder["pebble.gguf"]);
        using GemmaEngine engine = GemmaEngine.Load(new EngineOptions { Model = folder["pebble.gguf"], Mmproj = "off", Device = "cpu", Context = 256, Drafter = "off", Precision = new Precision(DType.F32) });
        EvaluatedText text = EvaluatedText.Of(Whole, engine.Tokenizer, specials: true);
        Assert.Equal(EvaluatedText.Of(Whole, Pebble.Tokenizer, specials: true).TokenizerHash, text.TokenizerHash);
        using JsonDocument golden = JsonDocument.Parse(await File.ReadAllBytesAsync(Repository.Golden("pebble", "perplexity.json")));
        foreach (JsonElement each in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            PerplexityResult result = await PerplexityRun.Run(engine, text, WindowPlan.Of(WindowKind.Halves, text.Ids.Length, each.GetProperty("context").GetInt32()), []);
            Assert.Equal(each.GetProperty("counted").GetInt32(), result.Plan.Tokens);
            Assert.Equal(each.GetProperty("nll").GetDouble(), result.Nll.Value, 1e-3);
            Assert.InRange(result.Perplexity.Value / each.GetProperty("perplexity").GetDouble(), 0.999, 1.001);
        }
    }

    [Fact]
    public async Task A_text_that_fits_a_window_is_scored_as_it_stands()
    {
        EvaluatedText text = EvaluatedText.Of("Once there was a happy fox named Ana. Ana lived near the river.", pebble.Engine.Tokenizer);
        PerplexityResult result = await PerplexityRun.Run(pebble.Engine, text, WindowPlan.Of(WindowKind.Sliding, text.Ids.Length, 256), []);
        Likelihoods direct = await pebble.Engine.ScoreAsync(new PromptRows([pebble.Engine.Tokenizer.Specials.Bos, .. text.Ids]));
        Assert.Equal(-direct.Sum / text.Ids.Length, result.Nll.Value, 1e-12);
        Assert.Equal(-direct.Sum / Math.Log(2) / 63, result.BitsPerByte.Value, 1e-9);
        Assert.Equal((63L, 63), (text.Bytes, text.Ids.Sum(id => EvaluatedText.BytesOf(pebble.Engine.Tokenizer, id))));
        Assert.Equal(Math.Exp(result.Nll.Value), result.Perplexity.Value, 1e-9);
        Assert.InRange(result.Perplexity.Value, result.Perplexity.Low, result.Perplexity.High);
    }

    [Fact]
    public async Task More_context_foresees_more_and_every_token_counts_once()
    {
        EvaluatedText text = EvaluatedText.Of(Whole[..1500], pebble.Engine.Tokenizer, specials: true);
        Listener seen = new();
        PerplexityResult few = await PerplexityRun.Run(pebble.Engine, text, WindowPlan.Of(WindowKind.Sliding, text.Ids.Length, 16, 15), []);
        PerplexityResult many = await PerplexityRun.Run(pebble.Engine, text, WindowPlan.Of(WindowKind.Sliding, text.Ids.Length, 128, 64), [seen]);
        Assert.NotEqual(few.Nll.Value, many.Nll.Value);
        Assert.Equal(text.Ids, seen.Ids);
        Assert.Equal(Enumerable.Range(0, text.Ids.Length), seen.Indexes);
        Assert.True(seen.Consistent);
    }

    [Fact]
    public async Task A_run_agrees_with_itself_wholly_and_with_rounded_weights_less()
    {
        using TemporaryFolder folder = new();
        EvaluatedText text = EvaluatedText.Of(Whole[..1200], pebble.Engine.Tokenizer, specials: true);
        WindowPlan plan = WindowPlan.Of(WindowKind.Sliding, text.Ids.Length, 128);
        int V = pebble.Engine.Model.Config.VocabSize;
        foreach (int top in (int[])[0, 64])
        {
            using FileStream stream = File.Create(folder[$"{top}.logits"]);
            LogitsHeader header = new("pebble", text.TokenizerHash, text.TextHash, V, plan.Tokens, top, plan.Kind, plan.Context, plan.Stride, new Dictionary<string, string>());
            await PerplexityRun.Run(pebble.Engine, text, plan, [new LogitsWriter(stream, header)]);
        }

        AgreementResult[] same = await Against(pebble.Engine, text, plan, folder);
        Assert.All(same, result => Assert.Equal((1.0, 1.0), (result.TopOne.Value, result.TopFive.Value)));
        Assert.InRange(same[0].Largest, 0, 1e-12);
        Assert.Equal(1, same[0].PerplexityRatio.Value, 1e-12);
        Assert.InRange(same[1].Divergence.Value, 0, 1e-6);

        using GemmaEngine rounded = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Context = 128, Drafter = "off", Precision = new Precision(Linears: DType.Q4) });
        AgreementResult[] less = await Against(rounded, text, plan, folder);
        Assert.InRange(less[0].TopOne.Value, 0.85, 0.999);
        Assert.InRange(less[0].Divergence.Value, 1e-3, 0.1);
        Assert.True(less[1].Divergence.Value <= less[0].Divergence.Value + 1e-6 && less[0].Divergence.Value <= less[1].DivergenceAtMost);
        Assert.Equal(less[0].TopFive, less[1].TopFive);
    }

    private static async Task<AgreementResult[]> Against(GemmaEngine engine, EvaluatedText text, WindowPlan plan, TemporaryFolder folder)
    {
        using LogitsFile full = LogitsFile.Open(folder["0.logits"]), top = LogitsFile.Open(folder["64.logits"]);
        AgreementTally[] tallies = [new(full, text, plan, engine.Model.Config.VocabSize), new(top, text, plan, engine.Model.Config.VocabSize)];
        await PerplexityRun.Run(engine, text, plan, tallies);
        return [tallies[0].Result(), tallies[1].Result()];
    }

    private sealed class Listener : ILogitsListener
    {
        public List<int> Ids { get; } = [];

        public List<int> Indexes { get; } = [];

        public bool Consistent { get; private set; } = true;

        public void Take(in ScoredToken token, ReadOnlySpan<float> logits, double logSum)
        {
            Ids.Add(token.Id);
            Indexes.Add(token.Index);
            float own = logits[token.Id];
            Consistent &= Math.Abs(Divergence.LogSum(logits) - logSum) < 1e-6 && Math.Abs(own - logSum - token.Logprob) < 1e-9 && logits.ToArray().Count(logit => logit > own) == token.Rank;
        }
    }
}
