using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>
/// Drafts change nothing: same ids, same reason to stop, same session afterwards, on each device. The tiny pair (window 16)
/// has random weights, so its drafter is nearly always wrong; Pebble's is mostly right.
/// </summary>
public class LosslessDraftTests
{
    private static readonly Sample.Choice Greedy = default;
    private static readonly Sample.Choice Warm = new(Temperature: 1.3f, TopK: 40, TopP: 0.95f, Seed: 5);

    [Fact]
    public void Every_place_of_an_end_and_the_edge_of_the_window_change_nothing()
    {
        using TinyPair pair = TinyPair.Pebble("cpu");
        // An addition with a thought: the answer crosses the window of 64.
        (int[] prompt, int[] answer) = DraftRun.PebbleExamples().MaxBy(example => example.Answer.Length);
        Assert.True(prompt.Length < 64 && prompt.Length + answer.Length > 80, $"{prompt.Length} and {answer.Length} tokens");
        foreach (int k in (int[])[3, DraftLength.Most])
        {
            using Drafter drafter = pair.Drafts(k);
            for (int end = 1; end <= 12; end++)
            {
                new DraftRun(prompt, end, Greedy, 400, [], 0).Compare(pair.Model, drafter);
                new DraftRun(prompt, 400, Greedy, prompt.Length + end - 1, [], 0).Compare(pair.Model, drafter);
                new DraftRun(prompt, 20, Greedy, 400, [], Cancel: end).Compare(pair.Model, drafter);
                new DraftRun(prompt, 20, Greedy, 400, [answer[end]], 0).Compare(pair.Model, drafter);
            }
        }
    }

    [Fact]
    public void A_turn_after_drafts_goes_on_as_after_plain_steps()
    {
        using TinyPair pair = new("cpu", new Precision(), drafts: 4);
        using Session plain = pair.Model.NewSession(300);
        using Session drafted = pair.Model.NewSession(300);
        GenerationOptions options = new(20, Warm, new HashSet<int>());
        for (int turn = 0; turn < 6; turn++)
        {
            int[] prompt = DraftRun.Ids(1 + (turn * 7), turn);
            // Another session in between leaves its own hidden rows in the shared buffers.
            using Session other = pair.Model.NewSession(100);
            new Generator(pair.Model, pair.Drafter).Generate(other, DraftRun.Ids(9, turn), options);
            Generation one = new Generator(pair.Model).Generate(plain, prompt, options);
            Generation two = new Generator(pair.Model, pair.Drafter).Generate(drafted, prompt, options);
            Assert.Equal(one.Ids, two.Ids);
            DraftRun.AssertSame(plain, drafted);
        }
    }

    [Fact]
    public void A_fork_in_the_middle_of_a_round_goes_its_own_way()
    {
        using TinyPair pair = TinyPair.Pebble("cpu", drafts: 4);
        int[] prompt = DraftRun.PebbleExamples()[2].Prompt;
        GenerationOptions options = new(60, Greedy, new HashSet<int> { 6 });
        using Session plain = pair.Model.NewSession(300);
        Generation expected = new Generator(pair.Model).Generate(plain, prompt, options);
        using Session drafted = pair.Model.NewSession(300);
        List<Session> forks = [];
        Generation actual = new Generator(pair.Model, pair.Drafter).Generate(drafted, prompt, options, _ =>
        {
            Session fork = drafted.Fork();
            forks.Add(fork);
            if (forks.Count % 3 == 0)
            {
                // It runs while the origin is in the middle of its answer.
                fork.Decode(300, Greedy);
            }
        });
        Assert.Equal(expected.Ids, actual.Ids);
        Assert.True(actual.Stats.Drafting!.Kept > 0, "no draft was right");
        DraftRun.AssertSame(plain, drafted);
        forks.ForEach(fork => fork.Dispose());
    }

    [Fact]
    public void A_callback_that_throws_leaves_what_plain_decoding_leaves()
    {
        using TinyPair pair = TinyPair.Pebble("cpu", drafts: 7);
        int[] prompt = DraftRun.PebbleExamples()[2].Prompt;
        for (int fall = 1; fall < 12; fall++)
        {
            using Session plain = pair.Model.NewSession(300);
            using Session drafted = pair.Model.NewSession(300);
            foreach ((Session session, Drafter? drafter) in ((Session, Drafter?)[])[(plain, null), (drafted, pair.Drafter)])
            {
                int left = fall;
                Assert.Throws<TimeoutException>(() => new Generator(pair.Model, drafter).Generate(
                    session, prompt, new GenerationOptions(40, Greedy, new HashSet<int>()), _ => left = left == 1 ? throw new TimeoutException() : left - 1));
            }

            DraftRun.AssertSame(plain, drafted);
        }
    }

    [Fact]
    public void Drafting_allocates_nothing()
    {
        using TinyPair pair = TinyPair.Pebble("cpu");
        using Session session = pair.Model.NewSession(1000);
        SpeculativeDecoder decoder = new(pair.Model, pair.Drafter, session, new HashSet<int>());
        int id = session.Prefill([2, 5, 365, 486, 362, 280], Warm);
        decoder.Follow();
        foreach (int k in Enumerable.Range(1, DraftLength.Most))
        {
            // Every length is recorded before it counts.
            using Drafter all = pair.Drafts(k);
            using Session other = pair.Model.NewSession(100);
            new Generator(pair.Model, all).Generate(other, [2, 5, 365], new GenerationOptions(40, Warm, new HashSet<int>()));
            pair.Drafter.Propose(session.Cache, id, 0, new int[k]);
            session.Verify(new int[k + 1], Warm);
        }

        for (int i = 0; i < 100; i++)
        {
            id = decoder.Next(id, Warm, 1000);
        }

        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                id = decoder.Next(id, Warm, 1000);
            }
        }));
        Assert.True(decoder.Stats.Drafts > 0, "nothing was drafted");
    }
}
