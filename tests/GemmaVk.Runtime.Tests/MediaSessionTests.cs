using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GemmaVk.Kernels;
using GemmaVk.Media;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Media;
using GemmaVk.Runtime.Planning;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>Pictures and sounds in sessions: what is kept, what is taken in again, and what is refused. Tiny model on the CPU.</summary>
public sealed class MediaSessionTests : IDisposable
{
    // Ids of the tiny model: opening and closing tokens of pictures and sounds, and their placeholders.
    private const int Boi = 5, Eoi = 6, ImageId = 7, Boa = 8, Eoa = 9, AudioId = 10, VideoId = 11;
    private readonly IBackend _backend = Backends.Open("cpu");
    private readonly Checkpoint _checkpoint = Checkpoint.Open(Repository.Golden("tiny"));
    private readonly GemmaModel _model;

    public MediaSessionTests() => _model = GemmaModel.Load(_checkpoint, _backend, new Precision(Kv: DType.F32), chunk: 8, largestPicture: 12);

    public void Dispose()
    {
        _model.Dispose();
        _checkpoint.Dispose();
        _backend.Dispose();
    }

    [Fact]
    public void The_same_picture_is_kept_and_another_of_its_size_is_not()
    {
        PromptRows first = Prompt(Image(2, 3, seed: 1), [30, 31]);
        PromptRows again = Prompt(Image(2, 3, seed: 1), [40, 41, 42]);
        PromptRows other = Prompt(Image(2, 3, seed: 2), [40, 41, 42]);
        using Session session = _model.NewSession(100);
        session.Prefill(first, null);
        // Opening token, six soft rows, closing token and the two tokens before.
        Assert.Equal(10, session.KeepPrefix(again));
        session.Prefill(again.From(10), null);
        Assert.Equal(Fresh(again), Logits(session));

        Assert.Equal(3, session.KeepPrefix(other));
        session.Prefill(other.From(3), null);
        Assert.Equal(Fresh(other), Logits(session));
        Assert.NotEqual(Fresh(again), Fresh(other));
    }

    [Fact]
    public void The_same_pixels_in_another_grid_or_as_a_frame_are_another_picture()
    {
        Picture wide = Pixels(1, 4, seed: 3);
        Picture high = new(wide.Width, wide.Height, wide.Rgb);
        UInt128[] identities = [Medium.Image(_model, wide).Identity, Medium.Image(_model, high).Identity, Medium.Frame(_model, wide).Identity];
        Assert.Equal(3, identities.Distinct().Count());
        Assert.Equal(identities[0], Medium.Image(_model, new Picture(wide.Height, wide.Width, [.. wide.Rgb])).Identity);
    }

    [Fact]
    public void A_cut_inside_a_picture_goes_back_before_it()
    {
        PromptRows whole = Prompt(Image(2, 3, seed: 1), [30]);
        using Session session = _model.NewSession(100);
        session.Prefill(whole, null);
        // The same soft ids, but a picture of fewer rows.
        Assert.Equal(3, session.KeepPrefix(Prompt(Image(1, 3, seed: 1), [30])));
        // Placeholders without a medium are no picture either.
        session.Prefill(whole.From(3), null);
        Assert.Equal(3, session.KeepPrefix(whole.Ids));
    }

    [Fact]
    public void Sounds_run_over_passes_and_are_kept_by_content()
    {
        PromptRows Heard(int seed, params int[] after) =>
            Of([2, 12, Boa, .. Enumerable.Repeat(AudioId, 9), Eoa, .. after], Medium.Sound(_model, Samples((9 * 640) - 5, seed)));
        using Session session = _model.NewSession(100);
        session.Prefill(Heard(4, 30), null);
        Assert.Equal(13, session.KeepPrefix(Heard(4, 31, 32)));
        Assert.Equal(3, session.KeepPrefix(Heard(5, 31)));
    }

    [Fact]
    public void A_cancelled_prompt_is_finished_by_the_next_pass()
    {
        Medium sound = Medium.Sound(_model, Samples(20 * 640, seed: 4));
        PromptRows prompt = Of(
            [2, 12, Boa, .. Enumerable.Repeat(AudioId, 20), Eoa, 30, Boi, .. Enumerable.Repeat(ImageId, 12), Eoi, 33], sound, Image(3, 4, seed: 6));
        foreach (int passes in new[] { 0, 1, 2, 3 })
        {
            using Session session = _model.NewSession(100);
            using CancellationTokenSource cancel = new();
            // What comes before decides where the cancelled prompt stops: nothing, or whole passes inside the sound.
            if (passes > 0)
            {
                session.Prefill(Head(prompt, passes * 8), null);
            }

            cancel.Cancel();
            Assert.Throws<OperationCanceledException>(() => session.Prefill(prompt.From(passes * 8), null, cancel.Token));
            using Session fork = session.Fork();
            session.Prefill([], null);
            fork.Prefill([], null);
            Assert.Equal(prompt.Ids.ToArray(), session.Ids.ToArray());
            Assert.Equal(Fresh(prompt), Logits(session));
            fork.Dispose();
        }
    }

    [Fact]
    public void A_fork_knows_the_pictures()
    {
        PromptRows prompt = Prompt(Image(2, 3, seed: 1), [30, 31]);
        using Session session = _model.NewSession(100);
        session.Prefill(prompt, null);
        using Session fork = session.Fork();
        Assert.Equal(10, fork.KeepPrefix(Prompt(Image(2, 3, seed: 1), [44])));
        Assert.Equal(3, session.KeepPrefix(Prompt(Image(2, 3, seed: 9), [44])));
    }

    /// <summary>The drafter begins from the final hidden row of the newest token, which a pass of soft rows must leave too.</summary>
    [Fact]
    public void The_newest_hidden_row_is_there_after_a_pass_of_soft_rows()
    {
        Medium picture = Image(3, 4, seed: 1);
        PromptRows prompt = Of([2, Boi, .. Enumerable.Repeat(ImageId, 12), Eoi], picture);
        Dictionary<int, float[]> final = [];
        new Tracer(_model).Run(prompt, steps: false, (name, first, width, rows) =>
        {
            for (int row = 0; name == "final" && row < rows.Length / width; row++)
            {
                final.Add(first + row, rows.Slice(row * width, width).ToArray());
            }
        });
        foreach (int length in new[] { 14, 15 })
        {
            using Session session = _model.NewSession(100);
            // The last pass: twelve soft rows; and the closing token alone.
            session.Prefill(Head(prompt, length), null);
            float[] hidden = new float[96];
            int T = length == 14 ? 12 : 1;
            _backend.Read(_model.Buffers.A, hidden.AsSpan(), (T - 1) * 96L);
            Assert.Equal(final[length - 1], hidden);
        }
    }

    [Fact]
    public void Decoding_after_a_picture_allocates_nothing()
    {
        using Session session = _model.NewSession(300);
        int id = session.Prefill(Prompt(Image(2, 3, seed: 1), [30, 31]), default(Sample.Choice));
        for (int i = 0; i < 40; i++)
        {
            id = session.Decode(id, default);
        }

        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 70; i++)
            {
                id = session.Decode(id, default);
            }
        }));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Refused("expected sides that are multiples of 48", () => Medium.Image(_model, new Picture(48, 50, new byte[48 * 50 * 3])));
        Refused("at most 12 patches", () => Image(4, 4, seed: 1));
        Refused("along a side", () => Image(1, 33, seed: 1));
        Refused("sample 1 is NaN", () => Medium.Sound(_model, new[] { 0, float.NaN }));
        Refused("no further medium", () => Of([2, ImageId, 12]));
        Refused("the next medium is a picture", () => Of([2, VideoId, 12], Image(1, 1, seed: 1)));
        Refused("there are 2", () => Of([2, ImageId, ImageId, 12], Image(1, 3, seed: 1)));
        Refused("1 of them have none", () => Of([2, 12], Image(1, 1, seed: 1)));

        using GemmaModel text = GemmaModel.Load(_checkpoint, _backend, new Precision(), largestPicture: 0);
        Assert.Null(text.MediaWeights);
        Refused("loaded for text only", () => Medium.Image(text, Pixels(1, 1, seed: 1)));
        Refused("loaded for text only", () => Medium.Sound(text, new float[640]));

        static void Refused(string words, Func<object> act) =>
            Assert.Contains(words, Assert.Throws<GemmaVkException>(act).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Buffers_are_those_of_the_plan()
    {
        IReadOnlyList<PlannedBuffer> plan = MediaBuffers.Layout(_model.Config, 12, 12);
        Assert.Equal((12 * 6912L) + 2048 + (12 * 6912 * 4) + (12 * 96 * 4) + (12 * 640 * 4), plan.Sum(buffer => buffer.Bytes));
        Assert.Equal(512, GemmaModel.PassRows(512, 280));
        Assert.Equal(1120, GemmaModel.PassRows(512, 1120));
        Assert.Equal((8, 12), (_model.Chunk, _model.Buffers.C));
    }

    private static float[] Samples(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private static Picture Pixels(int rows, int columns, int seed)
    {
        byte[] rgb = new byte[rows * columns * 6912];
        new Random(seed).NextBytes(rgb);
        return new Picture(rows * 48, columns * 48, rgb);
    }

    private Medium Image(int rows, int columns, int seed) => Medium.Image(_model, Pixels(rows, columns, seed));

    private PromptRows Of(int[] ids, params Medium[] media) => PromptRows.Of(_model.Config, ids, media);

    private PromptRows Prompt(Medium picture, int[] after) =>
        Of([2, 12, Boi, .. Enumerable.Repeat(ImageId, picture.SoftRows), Eoi, .. after], picture);

    // The first rows of a prompt; a medium that they end in is cut off by the session's own means.
    private PromptRows Head(PromptRows prompt, int rows) => PromptRows.Of(
        _model.Config,
        prompt.Ids[..rows].ToArray(),
        [.. prompt.Media.Where(placed => placed.First < rows).Select(placed => placed.End <= rows ? placed.Medium : Medium.Sound(_model, placed.Medium.Samples[..((rows - placed.First) * 640)]))]);

    private float[] Fresh(PromptRows prompt)
    {
        using Session session = _model.NewSession(100);
        session.Prefill(prompt, null);
        return Logits(session);
    }

    private float[] Logits(Session session)
    {
        float[] logits = new float[_model.Config.VocabSize];
        session.ReadLogits(logits);
        return logits;
    }
}
