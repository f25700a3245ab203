using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>What holds of answers side by side beyond their being the same as alone, which <see cref="DrawnBatchTests"/> has.</summary>
public class ContinuousBatchTests
{
    private static readonly Sample.Choice Warm = new(Temperature: 1.3f, TopK: 40, TopP: 0.95f, Seed: 5);

    [Fact]
    public async Task What_cannot_be_answered_is_a_sentence_and_leaves_the_others_alone()
    {
        using TinyPair pair = new("cpu", new Precision());
        GenerationOptions options = new(30, Warm, new HashSet<int>());
        using Session own = pair.Model.NewSession(100), session = pair.Model.NewSession(100), other = pair.Model.NewSession(64);
        Generation alone = new Generator(pair.Model).Generate(own, DraftRun.Ids(9, 1), options);
        ContinuousBatch batch = new(pair.Model);
        Task<Generation> answer = batch.Generate(session, new PromptRows(DraftRun.Ids(9, 1)), options);
        foreach ((int[] ids, int most, string says) in ((int[], int, string)[])
            [([], 5, "at least one token"), ([-1], 5, "token -1 of the prompt"), ([2, 1 << 20], 5, "token 1048576 of the prompt"), ([2], 0, "MaxTokens: expected 1 or more, but 0 came"), ([2], -1, "MaxTokens")])
        {
            GemmaVkException error = await Assert.ThrowsAsync<GemmaVkException>(() => batch.Generate(other, new PromptRows(ids), options with { MaxTokens = most }));
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
            Assert.Equal(0, other.Length);
        }

        Assert.Equal(alone.Ids, (await answer).Ids);
        batch.Dispose();
        batch.Dispose();
    }

    [Theory]
    [InlineData("cpu", 8)]
    [InlineData("vulkan", 3)]
    [InlineData("ilgpu", 3)]
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
        Assert.Contains("--context", (await Assert.ThrowsAnyAsync<GemmaVkException>(() => long_)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_writes_one_answer_at_a_time()
    {
        using TinyPair pair = new("cpu", new Precision());
        using ContinuousBatch batch = new(pair.Model);
        using Session session = pair.Model.NewSession(100);
        GenerationOptions options = new(20, Warm, new HashSet<int>());
        // The first goes on once the second is asked for, however fast it is.
        using ManualResetEventSlim asked = new();
        Task<Generation> first = batch.Generate(session, new PromptRows(DraftRun.Ids(9, 1)), options, _ => asked.Wait());
        Task<Generation> second = batch.Generate(session, new PromptRows(DraftRun.Ids(9, 2)), options);
        asked.Set();
        Assert.Contains("is answering already", (await Assert.ThrowsAsync<GemmaVkException>(() => second)).Message, StringComparison.Ordinal);
        Assert.Equal(20, (await first).Ids.Count);
        Assert.Equal(20, (await batch.Generate(session, new PromptRows(DraftRun.Ids(9, 2)), options)).Ids.Count);
    }

    [Fact]
    public async Task Closing_ends_what_runs_and_what_waits()
    {
        using TinyPair pair = new("cpu", new Precision());
        using Session session = pair.Model.NewSession(2000);
        ContinuousBatch batch = new(pair.Model);
        using ManualResetEventSlim started = new();
        Task<Generation> running = batch.Generate(session, new PromptRows(DraftRun.Ids(9, 1)), new GenerationOptions(1900, Warm, new HashSet<int>()), _ => started.Set());
        Assert.True(started.Wait(TimeSpan.FromMinutes(2)));
        batch.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        Assert.Throws<ObjectDisposedException>(() => { _ = batch.Generate(session, PromptRows.None, new GenerationOptions(1, Warm, new HashSet<int>())); });
    }

    [Fact]
    public async Task A_listener_that_is_slow_makes_no_row_of_a_prompt_slower()
    {
        using TinyPair pair = new("cpu", new Precision(), chunk: 24);
        using ContinuousBatch batch = new(pair.Model);
        using Session session = pair.Model.NewSession(200);
        // It is called in the middle of the last piece: what it finds then, the first piece has told.
        double told = -1;
        await batch.Generate(session, new PromptRows(DraftRun.Ids(20, 1)), new GenerationOptions(1, Warm, new HashSet<int>()));
        Assert.Equal(0, batch.SecondsPerRow);
        await batch.Generate(session, new PromptRows(DraftRun.Ids(60, 2)), new GenerationOptions(1, Warm, new HashSet<int>()), _ => told = batch.SecondsPerRow);
        Assert.True(told > 0);
        Assert.Equal(told, batch.SecondsPerRow);
    }

    [Fact]
    public async Task Passes_over_several_sessions_allocate_nothing_managed()
    {
        using TinyPair pair = TinyPair.Pebble("cpu");
        using ContinuousBatch batch = new(pair.Model);
        Session[] sessions = [.. Enumerable.Range(0, 3).Select(_ => pair.Model.NewSession(400))];
        long[] bytes = new long[251];
        int tokens = 0;
        using ManualResetEventSlim asked = new();
        // Counted on the batch's thread, between two tokens of one answer while all three run.
        void Count(int _)
        {
            asked.Wait();
            bytes[++tokens] = GC.GetAllocatedBytesForCurrentThread();
        }

        Task<Generation>[] answers = [.. sessions.Select((session, user) =>
            batch.Generate(session, new PromptRows(DraftRun.PebbleExamples()[user].Prompt), new GenerationOptions(250, Warm, new HashSet<int>()), user == 0 ? Count : null))];
        asked.Set();
        await Task.WhenAll(answers).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(Allocation.Least(bytes.AsSpan(60..241)) == 0, Allocation.Steps(bytes.AsSpan(60..241)));
        Array.ForEach(sessions, session => session.Dispose());
    }
}
