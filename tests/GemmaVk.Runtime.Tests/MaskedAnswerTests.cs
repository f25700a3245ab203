using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using FsCheck.Xunit;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>Answers under masks: only what may come comes, and each is the same with drafts, with guesses, and beside others.</summary>
public sealed class MaskedAnswerTests : IDisposable
{
    private static readonly Sample.Choice Warm = new(Temperature: 1.3f, TopK: 40, TopP: 0.95f);
    private TinyPair? _pair;

    public void Dispose() => _pair?.Dispose();

    [Property(MaxTest = 1)]
    public void On_the_oracles(AnswerPlan[] plans) => Compare("reference", drafts: 3, [.. plans.Take(2)]);

    [Property(MaxTest = 12)]
    public void On_the_CPU(AnswerPlan[] plans) => Compare("cpu", drafts: null, plans);

    [Property(MaxTest = 3)]
    public void On_the_CPU_with_long_drafts(AnswerPlan[] plans) => Compare("cpu", drafts: 7, plans);

    [Property(MaxTest = 1)]
    public void On_Vulkan(AnswerPlan[] plans) => Compare("vulkan", drafts: 3, [.. plans.Take(2)]);

    [Fact]
    public void On_Ilgpu() => Compare("ilgpu", drafts: 2, [new AnswerPlan(9, 12, 50, Greedy: false, Stops: [], Cancel: 0, Seed: 3), new AnswerPlan(5, 8, 50, Greedy: true, Stops: [], Cancel: 0, Seed: 4)]);

    /// <summary>A mask that leaves nothing ends its answer with a sentence, and no other.</summary>
    [Fact]
    public async Task A_mask_without_a_token_ends_its_own_answer_alone()
    {
        using TinyPair pair = new("cpu", new Precision());
        using ContinuousBatch batch = new(pair.Model, pair.Drafter);
        using Session bad = pair.Model.NewSession(100), good = pair.Model.NewSession(100);
        GenerationOptions options = new(20, Warm, new HashSet<int>());
        Task<Generation> failing = batch.Generate(bad, new PromptRows(DraftRun.Ids(9, 1)), options with { Constraint = new Dead(3) });
        Task<Generation> other = batch.Generate(good, new PromptRows(DraftRun.Ids(9, 2)), options);
        Assert.Contains("no token", (await Assert.ThrowsAsync<GemmaVkException>(() => failing)).Message, StringComparison.Ordinal);
        Assert.Equal(20, (await other).Ids.Count);
        Assert.Equal(20, (await batch.Generate(bad, new PromptRows(DraftRun.Ids(3, 1)), options)).Ids.Count);
    }

    /// <summary>A rule that fails in the middle ends its own answer, whatever else is in the pass.</summary>
    [Fact]
    public async Task A_constraint_that_throws_ends_its_own_answer_alone()
    {
        using TinyPair pair = new("cpu", new Precision());
        using ContinuousBatch batch = new(pair.Model);
        using Session bad = pair.Model.NewSession(100), good = pair.Model.NewSession(100);
        GenerationOptions options = new(20, Warm, new HashSet<int>());
        Task<Generation> failing = batch.Generate(bad, new PromptRows(DraftRun.Ids(9, 1)), options with { Constraint = new Failing(4) });
        Task<Generation> other = batch.Generate(good, new PromptRows(DraftRun.Ids(9, 2)), options);
        await Assert.ThrowsAsync<TimeoutException>(() => failing);
        Assert.Equal(20, (await other).Ids.Count);
        Task<Generation> alone = batch.Generate(bad, new PromptRows(DraftRun.Ids(9, 1)), options with { Constraint = new Failing(4) });
        await Assert.ThrowsAsync<TimeoutException>(() => alone);
    }

    private void Compare(string device, int? drafts, AnswerPlan[] plans)
    {
        _pair ??= new TinyPair(device, new Precision(), drafts: drafts);
        int V = _pair.Model.Config.VocabSize;
        (AnswerPlan Plan, DraftRun Run)[] runs = [.. plans.Take(6).Select(plan => (plan, new DraftRun(
            DraftRun.Ids(plan.Prompt, plan.Seed), plan.Most, plan.Greedy ? default : Warm with { Seed = (ulong)plan.Seed }, plan.Prompt + plan.Room, plan.Stops, plan.Cancel)))];
        Generation[] alone = [.. runs.Select(each => Alone(each.Run, each.Plan.Seed, null, guesses: false))];
        foreach (((AnswerPlan plan, _), Generation answer) in runs.Zip(alone))
        {
            for (int i = 0; i < answer.Ids.Count; i++)
            {
                Assert.True(HashedConstraint.MayCome(plan.Seed, i, i == 0 ? -1 : answer.Ids[i - 1], answer.Ids[i]), $"token {i} of {plan}");
            }
        }

        for (int i = 0; i < runs.Length; i++)
        {
            Assert.Equal(alone[i].Ids, Alone(runs[i].Run, runs[i].Plan.Seed, null, guesses: true).Ids);
            Assert.Equal(alone[i].Ids, Alone(runs[i].Run, runs[i].Plan.Seed, _pair.Drafter, guesses: i % 2 == 0).Ids);
        }

        using ContinuousBatch batch = new(_pair.Model, _pair.Drafter) { PrefillTime = TimeSpan.FromTicks(1) };
        Session[] sessions = [.. runs.Select(each => _pair.Model.NewSession(each.Run.Context))];
        // One in three is free, so that masked rows stand beside others.
        Task<Generation>[] answers = [.. runs.Select((each, user) => Start(batch, sessions[user], each.Run, new HashedConstraint(each.Plan.Seed, V, user % 2 == 0)))];
        Task<Generation>[] free = [.. runs.Take(2).Select(each => batch.Generate(_pair.Model.NewSession(each.Run.Context), new PromptRows(each.Run.Prompt), each.Run.Options(null)))];
        Assert.True(Task.WaitAll([.. answers, .. free], TimeSpan.FromMinutes(2)), "answers that never end");
        for (int user = 0; user < runs.Length; user++)
        {
            Assert.Equal(alone[user].Ids, answers[user].Result.Ids);
            Assert.Equal(alone[user].Stop, answers[user].Result.Stop);
            sessions[user].Dispose();
        }

        for (int user = 0; user < free.Length; user++)
        {
            using Session session = _pair.Model.NewSession(runs[user].Run.Context);
            Assert.Equal(new Generator(_pair.Model).Generate(session, runs[user].Run.Prompt, runs[user].Run.Options(null)).Ids, free[user].Result.Ids);
        }
    }

    private Generation Alone(DraftRun run, int seed, Drafter? drafter, bool guesses)
    {
        HashedConstraint constraint = new(seed, _pair!.Model.Config.VocabSize, guesses);
        using Session session = _pair.Model.NewSession(run.Context);
        using CancellationTokenSource cancel = new();
        int left = run.Cancel;
        Generation answer = new Generator(_pair.Model, drafter).Generate(session, run.Prompt, run.Options(constraint), _ => Count(ref left, cancel), cancel.Token);
        Assert.Equal(answer.Ids, constraint.Taken);
        return answer;
    }

    private static Task<Generation> Start(ContinuousBatch batch, Session session, DraftRun run, IAnswerConstraint constraint)
    {
        CancellationTokenSource cancel = new();
        int left = run.Cancel;
        return batch.Generate(session, new PromptRows(run.Prompt), run.Options(constraint), _ => Count(ref left, cancel), cancel.Token);
    }

    private static void Count(ref int left, CancellationTokenSource cancel)
    {
        if (--left == 0)
        {
            cancel.Cancel();
        }
    }

    /// <summary>Nothing may come after some tokens.</summary>
    private sealed class Dead(int after) : IAnswerConstraint
    {
        private int _taken;

        public int Try(ReadOnlySpan<int> drafts) => Math.Min(drafts.Length, Math.Max(0, after - _taken));

        public bool Binds(int drafts) => true;

        public void Fill(int drafts, Span<uint> allowed) => allowed.Fill(_taken + drafts < after ? uint.MaxValue : 0);

        public void Take(int id) => _taken++;

        public int Guess(Span<int> drafts) => 0;
    }

    private sealed class Failing(int after) : IAnswerConstraint
    {
        private int _taken;

        public int Try(ReadOnlySpan<int> drafts) => drafts.Length;

        public bool Binds(int drafts) => _taken < after ? false : throw new TimeoutException("enough");

        public void Fill(int drafts, Span<uint> allowed) => allowed.Fill(uint.MaxValue);

        public void Take(int id) => _taken++;

        public int Guess(Span<int> drafts) => 0;
    }
}
