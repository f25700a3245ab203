using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Evaluation.Endpoints;
using GemmaVk.Evaluation.Questions;
using GemmaVk.Evaluation.Records;
using GemmaVk.Evaluation.Reports;
using GemmaVk.Evaluation.Subjects;
using GemmaVk.Model;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Evaluation.Tests;

/// <summary>Questions to the small model, in this process and behind its own server: the same answers, the same weights.</summary>
[Collection(PebbleCollection.Name)]
public class QuestionTests(PebbleServer pebble)
{
    // One or two of every kind: all eighty take half a minute.
    private static readonly string[] Ids =
        ["picture-1", "clip-0", "sound-3", "math-0", "math-1", "recall-2", "fact-5", "tool-0", "transcript-0", "capital-0", "sum-1", "story-0", "tale-0", "json-0"];

    private static readonly Question[] Some = [.. QuestionFile.Read(Pebble.Questions).Questions.Where(question => Ids.Contains(question.Id))];

    [Fact]
    public async Task Pebbles_questions_are_answered_alike_here_and_over_the_server()
    {
        using EngineSubject local = new(pebble.Engine, new MediaLoader(Gemma4Config.Load(Repository.Pebble), new MediaSettings()), 256, 768);
        QuestionRun here = await QuestionRun.Of(Some, local, 4, null);
        Assert.Empty(here.Failed);
        Assert.Equal(Ids.Order(), here.Records.Select(record => record.Id).Order());
        Assert.All(here.Records, record => Assert.Equal((record.Id, record.Kind == ExpectedKind.Transcript ? 0.0 : 1.0), (record.Id, record.Score)));

        EndpointOptions options = new(pebble.Address) { GemmaTurns = true };
        using Endpoint endpoint = new(options);
        string model = await endpoint.ModelAsync(CancellationToken.None);
        Assert.Equal("pebble", model);
        QuestionRun there = await QuestionRun.Of(Some, new EndpointSubject(endpoint, options, model, 256), 4, null);
        Assert.Empty(there.Failed);
        foreach ((AnswerRecord own, AnswerRecord other) in here.Records.Zip(there.Records))
        {
            Assert.Equal((own.Id, own.Answer, own.Score, own.ScoreNorm), (other.Id, other.Answer, other.Score, other.ScoreNorm));
            Assert.Equal(own.Logprobs.Count, other.Logprobs.Count);
            Assert.All(own.Logprobs.Zip(other.Logprobs), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }

        Assert.Contains(TaskSummary.Of(here.Records, 0), summary => summary is { Task: "all", Items: 13, Mean.Value: 1 });
    }

    [Fact]
    public async Task A_choices_weight_is_the_likelihood_of_its_tokens_behind_the_text()
    {
        Question raw = Read("""{"raw":true,"prompt":"Once there was a ","choices":["happy fox","sad é"],"answer":0}""");
        using EngineSubject local = new(pebble.Engine, new MediaLoader(Gemma4Config.Load(Repository.Pebble), new MediaSettings()), null, 256);
        IReadOnlyList<double> weights = await local.WeighAsync(raw, CancellationToken.None);
        for (int i = 0; i < 2; i++)
        {
            int bos = pebble.Engine.Tokenizer.Specials.Bos;
            int[] whole = [bos, .. pebble.Engine.Tokenizer.Encode($"Once there was a {raw.Expected.Texts[i]}", false)];
            int from = 1 + pebble.Engine.Tokenizer.Encode("Once there was a", false).Length;
            Likelihoods direct = await pebble.Engine.ScoreAsync(new PromptRows(whole), new ScoreOptions(from));
            Assert.Equal(direct.Sum, weights[i], 1e-9);
        }

        EndpointOptions options = new(new Uri(pebble.Address, "/v1/"));
        using Endpoint endpoint = new(options);
        IReadOnlyList<double> other = await new EndpointSubject(endpoint, options, "pebble").WeighAsync(raw, CancellationToken.None);
        Assert.All(weights.Zip(other), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Question chat = Read("""{"prompt":"What is 1 + 1?","choices":["2","3"],"answer":0}""");
        GemmaVkException refused = await Assert.ThrowsAsync<GemmaVkException>(() => new EndpointSubject(endpoint, options, "pebble").WeighAsync(chat, CancellationToken.None));
        Assert.Contains("--endpoint-turns gemma4", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_server_or_the_model_refuses_is_one_question()
    {
        Question[] questions = [Read("""{"id":"long","prompt":"LONG","answer":"x"}""".Replace("LONG", new string('x', 5000), StringComparison.Ordinal)), Read("""{"id":"fact","prompt":"What is 1 + 1?","answer":"2"}"""), Read("""{"id":"lost","image":"nowhere.png","prompt":"What is this?","answer":"2"}""")];
        EndpointOptions options = new(pebble.Address);
        using Endpoint endpoint = new(options);
        using EngineSubject local = new(pebble.Engine, new MediaLoader(Gemma4Config.Load(Repository.Pebble), new MediaSettings()), 64, 256);
        foreach (ISubject subject in (ISubject[])[local, new EndpointSubject(endpoint, options, "pebble", 64)])
        {
            QuestionRun run = await QuestionRun.Of(questions, subject, 2, null);
            Assert.Equal(("fact", 1.0), (Assert.Single(run.Records).Id, run.Records[0].Score));
            Assert.Equal(2, run.Failed.Count);
            Assert.StartsWith("long: ", run.Failed[0], StringComparison.Ordinal);
            Assert.Contains("nowhere.png", run.Failed[1], StringComparison.Ordinal);
        }
    }

    private static Question Read(string line) => QuestionFile.Parse(Encoding.UTF8.GetBytes(line), "set.jsonl").Questions[0];
}
