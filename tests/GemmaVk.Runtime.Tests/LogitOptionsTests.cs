using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using FsCheck.Xunit;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>
/// Log-probabilities, biases and penalties against a loop that reads logits, changes them by the published formulas and draws with the
/// scalar oracle: one token per pass, no drafts, nobody beside it.
/// </summary>
public sealed class LogitOptionsTests : IDisposable
{
    private static readonly Sample.Choice Warm = new(Temperature: 1.3f, TopK: 40, TopP: 0.95f);
    private static readonly HashSet<int> None = [];
    private readonly Dictionary<int, Drafter> _drafters = [];
    private TinyPair? _pair;

    public void Dispose()
    {
        foreach (Drafter drafter in _drafters.Values)
        {
            drafter.Dispose();
        }

        _pair?.Dispose();
    }

    [Property(MaxTest = 30)]
    public void Answers_are_those_of_the_formulas(AnswerPlan plan, LogitPlan logits, DraftChoice drafts) => Compare("cpu", quantised: false, plan, logits, drafts);

    [Property(MaxTest = 10)]
    public void With_integers_too(AnswerPlan plan, LogitPlan logits, DraftChoice drafts) => Compare("cpu", quantised: true, plan, logits, drafts);

    [Property(MaxTest = 3)]
    public void On_Vulkan_too(AnswerPlan plan, LogitPlan logits, DraftChoice drafts) => Compare("vulkan", quantised: false, plan with { Most = Math.Min(plan.Most, 12) }, logits, drafts);

    [Property(MaxTest = 8)]
    public void Under_masks_too(AnswerPlan plan, LogitPlan logits, bool guesses)
    {
        _pair ??= new TinyPair("cpu", new Precision(), drafts: 3);
        IAnswerConstraint Rule() => new HashedConstraint(plan.Seed, _pair.Model.Config.VocabSize, guesses);
        int[] prompt = DraftRun.Ids(plan.Prompt, plan.Seed);
        GenerationOptions options = new(plan.Most, plan.Greedy ? default : Warm with { Seed = (ulong)plan.Seed }, None);
        LogitOptions wanted = Options(logits);
        Assert.Equal(
            Answer(null, options with { Constraint = Rule() }, prompt).Ids,
            Answer(_pair.Drafter, options with { Constraint = Rule(), Logits = new() { TopLogprobs = 1 } }, prompt).Ids);
        List<TokenLogprob> likely = [];
        List<int> expected = Oracle(prompt, plan.Most, options.Choice, wanted, likely, Rule());
        foreach (Drafter? drafter in (Drafter?[])[null, _pair.Drafter])
        {
            Generation actual = Answer(drafter, options with { Constraint = Rule(), Logits = wanted }, prompt);
            Assert.Equal(expected, actual.Ids);
            Assert.All(likely.Zip(actual.Logprobs), pair => Assert.Equal(pair.First.Logprob, pair.Second.Logprob, 1e-9));
        }
    }

    /// <summary>The rows go through the same kernel as in a pass of their own, so that nothing differs on any device, rounding included.</summary>
    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void Looking_changes_no_token(string device)
    {
        _pair = new TinyPair(device, new Precision(), drafts: 3);
        foreach (Sample.Choice choice in (Sample.Choice[])[default, Warm with { Seed = 11 }, new(0.9f, MinP: 0.05f, Seed: 3)])
        {
            GenerationOptions plain = new(14, choice, None);
            Generation expected = Answer(null, plain);
            foreach (Drafter? drafter in (Drafter?[])[null, _pair.Drafter])
            {
                Generation actual = Answer(drafter, plain with { Logits = new() { TopLogprobs = 2 } });
                Assert.Equal(expected.Ids, actual.Ids);
                Assert.Equal(expected.Ids, actual.Logprobs.Select(each => each.Id));
            }
        }

        Generation greedy = Answer(_pair.Drafter, new(14, default, None) { Logits = new() { TopLogprobs = 1 } });
        Assert.All(greedy.Logprobs, each => Assert.Equal((0, each.Id, each.Logprob), (each.Rank, each.Top[0].Id, each.Top[0].Logprob)));
    }

    [Fact]
    public void A_bias_bans_and_forces()
    {
        _pair = new TinyPair("cpu", new Precision());
        int[] plain = [.. Answer(null, new(20, default, None)).Ids];
        Dictionary<int, float> banned = plain.Distinct().ToDictionary(id => id, _ => -100f);
        Assert.DoesNotContain(Answer(_pair.Drafter, new(20, Warm, None) { Logits = new() { Bias = banned } }).Ids, banned.ContainsKey);
        Assert.All(Answer(_pair.Drafter, new(20, Warm, None) { Logits = new() { Bias = new Dictionary<int, float> { [77] = 100 } } }).Ids, id => Assert.Equal(77, id));
    }

    [Fact]
    public void An_answer_that_goes_on_counts_what_it_has()
    {
        _pair = new TinyPair("cpu", new Precision());
        GenerationOptions options = new(30, default, None) { Logits = new() { FrequencyPenalty = 2, TopLogprobs = 0 } };
        Generation whole = Answer(null, options);
        using Session session = _pair.Model.NewSession(200);
        Generation first = new Generator(_pair.Model).Generate(session, DraftRun.Ids(9, 4), options with { MaxTokens = 11 });
        Generation rest = new Generator(_pair.Model).Generate(session, PromptRows.None, options with { MaxTokens = 19, Answered = first.Ids });
        Assert.Equal(whole.Ids, first.Then(rest).Ids);
        Assert.Equal(whole.Logprobs.Select(each => each.Logprob), first.Then(rest).Logprobs.Select(each => each.Logprob));
    }

    [Property(MaxTest = 4)]
    public void Others_in_the_batch_are_left_alone(AnswerPlan[] plans, LogitPlan first, LogitPlan second)
    {
        _pair ??= new TinyPair("cpu", new Precision(), drafts: 2);
        (GenerationOptions Options, int[] Prompt)[] runs = [.. plans.Take(5).Select((plan, i) => (
            new GenerationOptions(plan.Most, plan.Greedy ? default : Warm with { Seed = (ulong)plan.Seed }, plan.Stops.ToHashSet())
            {
                Logits = i % 3 == 0 ? Options(first) : i % 3 == 1 ? null : Options(second),
            },
            DraftRun.Ids(plan.Prompt, plan.Seed)))];
        using ContinuousBatch batch = new(_pair.Model, _pair.Drafter) { PrefillTime = TimeSpan.FromTicks(1) };
        Generation[] alone = [.. runs.Select(run => Answer(null, run.Options, run.Prompt))];
        Session[] sessions = [.. runs.Select(_ => _pair.Model.NewSession(200))];
        Task<Generation>[] answers = [.. runs.Select((run, i) => batch.Generate(sessions[i], new PromptRows(run.Prompt), run.Options))];
        Assert.True(Task.WaitAll(answers, TimeSpan.FromMinutes(2)), "answers that never end");
        foreach ((Generation expected, Task<Generation> actual) in alone.Zip(answers))
        {
            Assert.Equal(expected.Ids, actual.Result.Ids);
            Assert.Equal(expected.Logprobs.Select(each => each.Logprob), actual.Result.Logprobs.Select(each => each.Logprob));
        }

        Array.ForEach(sessions, session => session.Dispose());
    }

    [Fact]
    public void What_cannot_be_honoured_is_refused_by_name()
    {
        _pair = new TinyPair("cpu", new Precision());
        foreach ((LogitOptions options, string says) in ((LogitOptions, string)[])
        [
            (new() { TopLogprobs = 21 }, "TopLogprobs: expected 0 to 20, but 21 came"),
            (new() { TopLogprobs = -1 }, "TopLogprobs: expected 0 to 20, but -1 came"),
            (new() { PresencePenalty = 2.5f }, "PresencePenalty: expected -2 to 2, but 2.5 came"),
            (new() { FrequencyPenalty = float.NaN }, "FrequencyPenalty: expected -2 to 2, but NaN came"),
            (new() { RepetitionPenalty = 0 }, "RepetitionPenalty: expected a finite number above 0"),
            (new() { Bias = new Dictionary<int, float> { [512] = 1 } }, "Bias: expected ids from 0 to 511, but 512 came"),
            (new() { Bias = new Dictionary<int, float> { [-1] = 1 } }, "Bias: expected ids from 0 to 511, but -1 came"),
            (new() { Bias = new Dictionary<int, float> { [5] = float.NaN } }, "Bias of token 5: expected -100 to 100, but NaN came"),
        ])
        {
            GemmaVkException error = Assert.Throws<GemmaVkException>(() => Answer(null, new(3, default, None) { Logits = options }));
            Assert.StartsWith(says, error.Message, StringComparison.Ordinal);
        }
    }

    private void Compare(string device, bool quantised, AnswerPlan plan, LogitPlan logits, DraftChoice drafts)
    {
        _pair ??= new TinyPair(device, quantised ? new(Linears: DType.Q4, Embedding: DType.Q8, QuantiseActivations: true) : new Precision());
        if (!_drafters.TryGetValue(drafts.Length, out Drafter? drafter))
        {
            _drafters[drafts.Length] = drafter = _pair.Drafts(drafts.Length == 0 ? null : drafts.Length);
        }

        Sample.Choice choice = plan.Greedy ? default : Warm with { Seed = (ulong)plan.Seed };
        GenerationOptions options = new(plan.Most, choice, None) { Logits = Options(logits) };
        int[] prompt = DraftRun.Ids(plan.Prompt, plan.Seed);
        List<TokenLogprob> likely = [];
        List<int> expected = device == "cpu" ? Oracle(prompt, plan.Most, choice, options.Logits!, likely) : [];
        Generation alone = Answer(null, options, prompt);
        List<GivenToken> given = [];
        Generation drafted = Answer(drafter, options with { OnGiven = given.Add }, prompt);
        Assert.Equal(alone.Ids, drafted.Ids);
        Assert.Equal(drafted.Ids, given.Select(each => each.Id));
        Assert.Equal(drafted.Stats.Drafting!.Kept, given.Count(each => each.Drafted));
        Assert.Equal(alone.Logprobs.Select(each => (each.Id, each.Logprob, each.Rank)), drafted.Logprobs.Select(each => (each.Id, each.Logprob, each.Rank)));
        Assert.Equal(logits.Top < 0 ? 0 : alone.Ids.Count, alone.Logprobs.Count);
        if (device != "cpu")
        {
            return;
        }

        Assert.Equal(expected, alone.Ids);
        foreach ((TokenLogprob e, TokenLogprob a) in likely.Zip(alone.Logprobs))
        {
            Assert.Equal(e.Logprob, a.Logprob, 1e-9);
            Assert.Equal((e.Id, e.Rank), (a.Id, a.Rank));
            Assert.Equal(e.Top.Select(each => each.Id), a.Top.Select(each => each.Id));
        }
    }

    /// <summary>The loop that everything is held against.</summary>
    private List<int> Oracle(int[] prompt, int most, Sample.Choice choice, LogitOptions options, List<TokenLogprob> likely, IAnswerConstraint? rule = null)
    {
        using Session session = _pair!.Model.NewSession(200);
        float[] l = new float[_pair.Model.Config.VocabSize];
        List<int> answer = [];
        int[] next = prompt;
        while (answer.Count < most)
        {
            session.Prefill(next, null);
            session.ReadLogits(l);
            double largest = l.Max(), sum = largest + Math.Log(l.Sum(value => Math.Exp(value - largest)));
            int[] order = [.. Enumerable.Range(0, l.Length).OrderByDescending(i => l[i]).ThenBy(i => i)];
            double[] logprobs = [.. l.Select(value => value - sum)];
            for (int j = 0; j < l.Length; j++)
            {
                l[j] += options.Bias.GetValueOrDefault(j);
                if (options.RepetitionPenalty != 1 && (prompt.Contains(j) || answer.Contains(j)))
                {
                    l[j] = l[j] > 0 ? l[j] / options.RepetitionPenalty : l[j] * options.RepetitionPenalty;
                }

                int c = answer.Count(id => id == j);
                l[j] = c > 0 ? l[j] - ((c * options.FrequencyPenalty) + options.PresencePenalty) : l[j];
            }

            uint[] allowed = [];
            if (rule is not null && rule.Try([]) == 0 && rule.Binds(0))
            {
                allowed = new uint[Sample.Words(l.Length)];
                rule.Fill(0, allowed);
            }

            int id = Sample.Reference(l, [.. _pair.Model.Config.Generation.SuppressTokens], choice, session.Length - 1, MemoryMarshal.Cast<uint, int>(allowed));
            rule?.Take(id);
            likely.Add(new TokenLogprob(id, logprobs[id], Array.IndexOf(order, id), [.. order.Take(options.TopLogprobs ?? 0).Select(i => new TopLogprob(i, logprobs[i]))]));
            answer.Add(id);
            next = [id];
        }

        return answer;
    }

    private static LogitOptions Options(LogitPlan plan) => new()
    {
        TopLogprobs = plan.Top < 0 ? null : plan.Top,
        Bias = plan.Bias.Distinct().ToDictionary(id => id, _ => plan.Size),
        PresencePenalty = plan.Presence,
        FrequencyPenalty = plan.Frequency,
        RepetitionPenalty = plan.Repetition,
    };

    private Generation Answer(Drafter? drafter, GenerationOptions options, int[]? prompt = null)
    {
        using Session session = _pair!.Model.NewSession(200);
        return new Generator(_pair.Model, drafter).Generate(session, prompt ?? DraftRun.Ids(9, 4), options);
    }
}
