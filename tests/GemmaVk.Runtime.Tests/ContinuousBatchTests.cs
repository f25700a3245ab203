using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using FsCheck;
using FsCheck.Fluent;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>Each answer is the same beside others as alone: ids, reason to stop, and the session it leaves.</summary>
public class ContinuousBatchTests
{
    private static readonly Sample.Choice Warm = new(Temperature: 1.3f, TopK: 40, TopP: 0.95f, Seed: 5);

    [Theory]
    [InlineData("reference", false, null, 1)]
    [InlineData("cpu", false, null, 12)]
    [InlineData("cpu", true, 2, 5)]
    [InlineData("cpu", true, null, 5)]
    [InlineData("vulkan", false, 3, 2)]
    public void Answers_that_join_leave_stop_and_are_cancelled_are_those_of_sessions_alone(string device, bool quantised, int? drafts, int cases)
    {
        Precision precision = quantised ? new(Linears: DType.Q4, Embedding: DType.Q8, QuantiseActivations: true) : new();
        using TinyPair pair = new(device, precision, drafts: drafts);
        Drafter? drafter = drafts is null && quantised ? null : pair.Drafter;
        Prop.ForAll(Gen.Elements(1, 2, 3, 5, 8, 10).ToArbitrary(), Gen.Choose(0, 1_000_000).ToArbitrary(), (users, seed) =>
        {
            Random random = new(seed);
            DraftRun[] runs = [.. Enumerable.Range(0, users).Select(user => Draw(random, seed + user))];
            (Generation Answer, Session Session)[] alone = [.. runs.Select(run => Alone(pair.Model, run))];
            // A tiny bound: prompts come in the shortest pieces there are.
            using ContinuousBatch batch = new(pair.Model, drafter) { PrefillTime = TimeSpan.FromTicks(1) };
            Session[] sessions = [.. runs.Select(run => pair.Model.NewSession(run.Context))];
            Task<Generation>[] answers = [.. runs.Select((run, user) => Start(batch, sessions[user], run))];
            Assert.True(Task.WaitAll(answers, TimeSpan.FromMinutes(2)), "answers that never end");
            for (int user = 0; user < users; user++)
            {
                Assert.Equal(alone[user].Answer.Ids, answers[user].Result.Ids);
                Assert.Equal(alone[user].Answer.Stop, answers[user].Result.Stop);
                DraftRun.AssertSame(alone[user].Session, sessions[user]);
                alone[user].Session.Dispose();
                sessions[user].Dispose();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(cases));
    }

    [Theory]
    [InlineData("cpu", 8)]
    [InlineData("vulkan", 3)]
    public async Task Pebble_answers_several_at_once_as_published(string device, int users)
    {
        using TinyPair pair = TinyPair.Pebble(device);
        (int[] Prompt, int[] Answer)[] examples = [.. DraftRun.PebbleExamples().Take(users)];
        using ContinuousBatch batch = new(pair.Model, pair.Drafter);
        Session[] sessions = [.. examples.Select(_ => pair.Model.NewSession(400))];
        Task<Generation>[] answers = [.. examples.Select((example, user) =>
            batch.Generate(sessions[user], new PromptRows(example.Prompt), new GenerationOptions(example.Answer.Length, default, new HashSet<int>())))];
        Generation[] all = await Task.WhenAll(answers).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(examples.Select(example => example.Answer), all.Select(answer => answer.Ids.ToArray()));
        Array.ForEach(sessions, session => session.Dispose());
    }

    [Fact]
    public void A_piece_of_a_prompt_leaves_what_the_whole_leaves()
    {
        using TinyPair pair = new("cpu", new(Linears: DType.Q4, Embedding: DType.Q8, QuantiseActivations: true), chunk: 64);
        foreach (int length in (int[])[1, 8, 9, 17, 63, 64, 65, 72, 73, 130, 200])
        {
            PromptRows prompt = new(DraftRun.Ids(length, length));
            foreach (int most in (int[])[1, 9, 10, 20, 63, 64])
            {
                List<int> ends = [];
                for (int row = 0; row < length; row = ends[^1])
                {
                    ends.Add(prompt.PieceEnd(row, 64, most));
                    int chunkEnd = Math.Min(length, ((row / 64) + 1) * 64);
                    int rows = ends[^1] - row;
                    Assert.True(rows > MatVec.MaxRows || chunkEnd - (row / 64 * 64) <= MatVec.MaxRows, $"a piece of {rows} rows of {length}");
                    Assert.InRange(ends[^1], row + 1, chunkEnd);
                    Assert.True(rows <= Math.Max(most, 9) + MatVec.MaxRows, $"{rows} rows where {most} were allowed");
                }

                Assert.Equal(length, ends[^1]);
            }
        }
    }

    [Fact]
    public async Task What_a_listener_throws_ends_its_answer_alone()
    {
        using TinyPair pair = new("cpu", new Precision());
        using ContinuousBatch batch = new(pair.Model, pair.Drafter);
        using Session bad = pair.Model.NewSession(100), good = pair.Model.NewSession(100);
        GenerationOptions options = new(30, Warm, new HashSet<int>());
        Task<Generation> failing = batch.Generate(bad, new PromptRows(DraftRun.Ids(9, 1)), options, _ => throw new TimeoutException("enough"));
        Task<Generation> other = batch.Generate(good, new PromptRows(DraftRun.Ids(9, 2)), options);
        await Assert.ThrowsAsync<TimeoutException>(() => failing);
        Assert.Equal(30, (await other).Ids.Count);
        Task<Generation> long_ = batch.Generate(bad, new PromptRows(DraftRun.Ids(500, 2)), options);
        Assert.Contains("--context", (await Assert.ThrowsAsync<GemmaVkException>(() => long_)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closing_ends_what_runs_and_what_waits()
    {
        using TinyPair pair = new("cpu", new Precision());
        using Session session = pair.Model.NewSession(2000);
        ContinuousBatch batch = new(pair.Model);
        using ManualResetEventSlim started = new();
        Task<Generation> running = batch.Generate(session, new PromptRows(DraftRun.Ids(9, 1)), new GenerationOptions(1900, Warm, new HashSet<int>()), _ => started.Set());
        Assert.True(started.Wait(TimeSpan.FromSeconds(30)));
        batch.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        Assert.Throws<ObjectDisposedException>(() => { _ = batch.Generate(session, PromptRows.None, new GenerationOptions(1, Warm, new HashSet<int>())); });
    }

    [Fact]
    public async Task Passes_over_several_sessions_allocate_nothing_managed()
    {
        using TinyPair pair = TinyPair.Pebble("cpu");
        using ContinuousBatch batch = new(pair.Model);
        Session[] sessions = [.. Enumerable.Range(0, 3).Select(_ => pair.Model.NewSession(400))];
        long before = 0, after = 0;
        int tokens = 0;
        // Counted on the batch's thread, between two tokens of one answer while all three run.
        void Count(int _)
        {
            before = ++tokens == 100 ? GC.GetAllocatedBytesForCurrentThread() : before;
            after = tokens == 200 ? GC.GetAllocatedBytesForCurrentThread() : after;
        }

        Task<Generation>[] answers = [.. sessions.Select((session, user) =>
            batch.Generate(session, new PromptRows(DraftRun.PebbleExamples()[user].Prompt), new GenerationOptions(250, Warm, new HashSet<int>()), user == 0 ? Count : null))];
        await Task.WhenAll(answers).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(before > 0 && after > 0);
        Assert.Equal(0, after - before);
        Array.ForEach(sessions, session => session.Dispose());
    }

    private static DraftRun Draw(Random random, int seed)
    {
        int prompt = random.Next(1, 80);
        return new DraftRun(
            DraftRun.Ids(prompt, seed),
            random.Next(1, 40),
            random.Next(2) == 0 ? default : Warm with { Seed = (ulong)seed },
            prompt + random.Next(1, 60),
            random.Next(3) == 0 ? DraftRun.Ids(40, seed + 1) : [],
            random.Next(3) == 0 ? random.Next(1, 20) : 0);
    }

    private static (Generation Answer, Session Session) Alone(GemmaModel model, DraftRun run)
    {
        Session session = model.NewSession(run.Context);
        return (run.Generate(model, null, session), session);
    }

    private static Task<Generation> Start(ContinuousBatch batch, Session session, DraftRun run)
    {
        CancellationTokenSource cancel = new();
        int left = run.Cancel;
        return batch.Generate(
            session,
            new PromptRows(run.Prompt),
            new GenerationOptions(run.Most, run.Choice, run.Stops.ToHashSet()),
            _ =>
            {
                if (--left == 0)
                {
                    cancel.Cancel();
                }
            },
            cancel.Token);
    }
}
