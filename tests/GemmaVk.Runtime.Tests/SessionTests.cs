using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using FsCheck.Xunit;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>Caches, forks, rewinds and the generation loop, on the tiny model (window 16) on the CPU.</summary>
public sealed class SessionTests : IDisposable
{
    private const int Chunk = 24;
    private readonly IBackend _backend = Backends.Open("cpu");
    private readonly Checkpoint _checkpoint = Checkpoint.Open(Repository.Golden("tiny"));
    private readonly GemmaModel _model;

    public SessionTests() => _model = GemmaModel.Load(_checkpoint, _backend, new Precision(Kv: DType.F32), Chunk);

    public void Dispose()
    {
        _model.Dispose();
        _checkpoint.Dispose();
        _backend.Dispose();
    }

    [Property(MaxTest = 12)]
    public void Append_then_rewind_is_as_if_nothing_happened(PromptLength length, DraftedTokens drafted)
    {
        int[] prompt = DraftRun.Ids(length.Value, seed: length.Value);
        using Session plain = _model.NewSession(200);
        using Session other = _model.NewSession(200);
        plain.Prefill(prompt, null);
        other.Prefill(prompt, null);
        // One pass of drafts that are all refused.
        other.Run(DraftRun.Ids(drafted.Value, seed: 99), 0, null);
        other.Rewind(drafted.Value);
        Assert.Equal(Next(plain, 7), Next(other, 7));
    }

    [Fact]
    public void A_weight_file_that_changes_meanwhile_stops_the_next_pass()
    {
        if (OperatingSystem.IsWindows())
        {
            // Windows does not let anybody write to a mapped file.
            return;
        }

        using TemporaryFolder folder = new TemporaryFolder().WithGolden("tiny");
        string weights = folder["model.safetensors"];
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        using GemmaModel model = GemmaModel.Load(checkpoint, _backend, new Precision(Kv: DType.F32), Chunk);
        using Session session = model.NewSession(40);
        int id = session.Prefill(DraftRun.Ids(5, seed: 1), default(Sample.Choice));
        using (FileStream stream = new(weights, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.SetLength(stream.Length / 2);
        }

        GemmaVkException error = Assert.Throws<GemmaVkException>(() => session.Decode(id, default));
        Assert.Contains($"{weights} must not change while it is in use", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fork_goes_its_own_way_and_leaves_the_origin_alone()
    {
        int[] prompt = DraftRun.Ids(40, seed: 1);
        using Session origin = _model.NewSession(200);
        using Session untouched = _model.NewSession(200);
        origin.Prefill(prompt, null);
        untouched.Prefill(prompt, null);

        using Session fork = origin.Fork();
        float[] forked = Next(fork, 5);
        float[] forkedOn = Next(fork, 6);
        float[] own = Next(origin, 9);
        Assert.NotEqual(forked, own);
        Assert.Equal(Next(untouched, 9), own);
        origin.Dispose();
        Assert.NotEqual(forkedOn, Next(fork, 8));
        Assert.Equal(43, fork.Length);
    }

    [Fact]
    public void Rewind_further_than_the_rings_hold_is_refused()
    {
        using Session session = _model.NewSession(200);
        session.Prefill(DraftRun.Ids(100, seed: 2), null);
        Assert.True(session.CanRewind(Chunk));
        Assert.False(session.CanRewind(Chunk + 1));
        Assert.Throws<InvalidOperationException>(() => session.Rewind(Chunk + 1));
        Assert.True(session.CanRewind(100));
        session.Rewind(100);
        Assert.Equal(0, session.Length);
    }

    [Fact]
    public void A_prefix_is_kept_and_the_rest_taken_in_again()
    {
        using Session session = _model.NewSession(200);
        int[] ids = DraftRun.Ids(60, seed: 3);
        session.Prefill(ids, null);
        int[] changed = [.. ids[..50], 11, 12, 13];
        Assert.Equal(50, session.KeepPrefix(changed));
        session.Prefill(changed.AsSpan(50), null);

        using Session fresh = _model.NewSession(200);
        fresh.Prefill(changed, null);
        Compare.Close(Next(fresh, 4), Next(session, 4), 1e-3, "logits after a kept prefix");

        // What every ring has forgotten is taken in from the start.
        Assert.Equal(0, session.KeepPrefix([.. ids[..5], 400]));
        Assert.Equal(0, session.Length);
    }

    [Fact]
    public void Generation_stops_at_stop_tokens_at_the_limit_and_at_the_end_of_the_context()
    {
        int[] prompt = DraftRun.Ids(20, seed: 4);
        Generation limit = Generate(prompt, 10, [], context: 200);
        Assert.Equal(StopReason.Length, limit.Stop);
        Assert.Equal(10, limit.Ids.Count);

        Generation stop = Generate(prompt, 10, [limit.Ids[4]], context: 200);
        Assert.Equal(StopReason.Stop, stop.Stop);
        Assert.Equal(limit.Ids.Take(limit.Ids.ToList().IndexOf(limit.Ids[4]) + 1), stop.Ids);

        Generation context = Generate(prompt, 100, [], context: 25);
        Assert.Equal(StopReason.Context, context.Stop);
        Assert.Equal(6, context.Ids.Count);

        GemmaVkException tooLong = Assert.ThrowsAny<GemmaVkException>(() => Generate(prompt, 10, [], context: 19));
        Assert.Contains("20 tokens", tooLong.Message, StringComparison.Ordinal);
        Assert.Contains("--context 19", tooLong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_keeps_what_was_said_and_the_session_goes_on()
    {
        using Session session = _model.NewSession(200);
        using CancellationTokenSource cancel = new();
        int seen = 0;
        Generation cut = new Generator(_model).Generate(
            session, DraftRun.Ids(20, seed: 5), new GenerationOptions(50, default, new HashSet<int>()), _ =>
            {
                if (++seen == 3)
                {
                    cancel.Cancel();
                }
            }, cancel.Token);
        Assert.Equal(StopReason.Cancelled, cut.Stop);
        Assert.Equal(3, cut.Ids.Count);

        Generation rest = new Generator(_model).Generate(session, [], new GenerationOptions(4, default, new HashSet<int>()));
        Generation whole = Generate(DraftRun.Ids(20, seed: 5), 7, [], context: 200);
        Assert.Equal(whole.Ids, cut.Ids.Concat(rest.Ids));
    }

    [Fact]
    public void A_cancelled_prompt_is_finished_by_the_next_pass()
    {
        int[] prompt = DraftRun.Ids(100, seed: 6);
        using Session session = _model.NewSession(200);
        using CancellationTokenSource cancel = new();
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() => session.Prefill(prompt, null, cancel.Token));
        Assert.Equal(100, session.Length + session.Pending.Count);
        session.Prefill([], null);
        Assert.Equal(prompt, session.Ids.ToArray());
    }

    [Fact]
    public void The_same_seed_gives_the_same_text_and_another_seed_another()
    {
        int[] prompt = DraftRun.Ids(20, seed: 7);
        Sample.Choice warm = new(Temperature: 1.5f, Seed: 1);
        IReadOnlyList<int> one = Generate(prompt, 20, [], 200, warm).Ids;
        Assert.Equal(one, Generate(prompt, 20, [], 200, warm).Ids);
        Assert.NotEqual(one, Generate(prompt, 20, [], 200, warm with { Seed = 2 }).Ids);
    }

    [Fact]
    public void Decoding_allocates_nothing()
    {
        using Session session = _model.NewSession(500);
        Sample.Choice choice = new(Temperature: 1, TopK: 64, TopP: 0.95f, Seed: 3);
        int id = session.Prefill(DraftRun.Ids(20, seed: 8), choice);
        for (int i = 0; i < 40; i++)
        {
            id = session.Decode(id, choice);
        }

        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                id = session.Decode(id, choice);
            }
        }));
    }

    private float[] Next(Session session, int id)
    {
        session.Run([id], 1, null);
        float[] logits = new float[_model.Config.VocabSize];
        session.ReadLogits(logits);
        return logits;
    }

    private Generation Generate(int[] prompt, int most, int[] stops, int context, Sample.Choice choice = default)
    {
        using Session session = _model.NewSession(context);
        return new Generator(_model).Generate(session, prompt, new GenerationOptions(most, choice, stops.ToHashSet()));
    }
}
