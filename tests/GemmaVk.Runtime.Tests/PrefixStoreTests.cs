using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using FsCheck.Xunit;
using GemmaVk.Kernels;
using GemmaVk.Media;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Media;
using GemmaVk.Runtime.Prefixes;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>Beginnings that are shared change what is taken in, and nothing of what is answered. The tiny model: window 16, chunks of 24.</summary>
public sealed class PrefixStoreTests : IDisposable
{
    private const int Boi = 5, Eoi = 6, ImageId = 7;
    private const int Page = 4096;
    private static readonly Sample.Choice Warm = new(Temperature: 1.3f, TopK: 40, TopP: 0.95f);
    private static readonly GenerationOptions Eight = new(8, default, new HashSet<int>());
    private TinyPair? _pair;

    public void Dispose() => _pair?.Dispose();

    [Property(MaxTest = 2)]
    public void On_the_CPU(Seed seed) => Compare("cpu", new Precision(), seed);

    [Property(MaxTest = 2)]
    public void On_the_CPU_with_integers_and_drafts(Seed seed) =>
        Compare("cpu", new(Kv: DType.Q8, Linears: DType.Q4, Embedding: DType.Q8, QuantiseActivations: true), seed);

    [Property(MaxTest = 1)]
    public void On_Vulkan(Seed seed) => Compare("vulkan", new Precision(), seed);

    [Theory]
    [InlineData("cpu")]
    [InlineData("vulkan")]
    public void Another_session_takes_in_only_what_is_new(string device)
    {
        using TinyPair pair = new(device, new Precision());
        PrefixStore store = new(pair.Model, 1 << 24, Page);
        int[] head = DraftRun.Ids(100, 1);
        using (Session first = pair.Model.NewSession(300, store))
        {
            first.Prefill([.. head, .. DraftRun.Ids(30, 2)], null);
        }

        // Four windows of 24 lie within the hundred tokens; the head's own end is known only where it is said.
        Assert.Equal(96, Reused(new PromptRows([.. head, .. DraftRun.Ids(40, 3)])));
        Assert.Equal(96, Reused(new PromptRows([.. head, .. DraftRun.Ids(40, 4)]) { Head = 100 }));
        Assert.Equal(100, Reused(new PromptRows([.. head, .. DraftRun.Ids(40, 5)]) { Head = 100 }));
        Assert.Equal(48, Reused(new PromptRows([.. head.Take(70), .. DraftRun.Ids(40, 6)])));
        Assert.Equal(0, Reused(new PromptRows([.. DraftRun.Ids(5, 7), .. head])));

        int Reused(PromptRows prompt)
        {
            using Session session = pair.Model.NewSession(300, store);
            using Session alone = pair.Model.NewSession(300);
            Generation answer = new Generator(pair.Model, pair.Drafter).Generate(session, prompt, Eight);
            Assert.Equal(new Generator(pair.Model).Generate(alone, prompt, Eight).Ids, answer.Ids);
            Assert.Equal(prompt.Length, answer.Stats.CachedTokens + answer.Stats.PromptTokens);
            return answer.Stats.CachedTokens;
        }
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("vulkan")]
    public void Going_back_costs_the_changed_tail_and_at_most_a_spacing(string device)
    {
        const int Window = 16;
        using TinyPair pair = new(device, new Precision()), roomy = new(device, new Precision(), chunk: 512);
        PrefixStore store = new(pair.Model, 1 << 24, Page);
        using Session chat = pair.Model.NewSession(600, store), reference = roomy.Model.NewSession(600);
        GenerationOptions sixty = new(60, Warm with { Seed = 3 }, new HashSet<int>());
        // Far longer than its rings, where the other's rings hold all of it. No pass is a narrow one on either side.
        foreach (int prompt in (int[])[36, 70, 40])
        {
            Generation said = new Generator(pair.Model, pair.Drafter).Generate(chat, DraftRun.Ids(prompt, prompt), sixty);
            Assert.Equal(new Generator(roomy.Model).Generate(reference, DraftRun.Ids(prompt, prompt), sixty).Ids, said.Ids);
        }

        int[] all = chat.Ids.ToArray();
        IEnumerable<int> windows = device == "cpu" ? Enumerable.Range(2, 10) : [2, 3, 7, 11];
        foreach (int place in windows.SelectMany(times => (int[])[(times * Window) - 1, times * Window, (times * Window) + 1]))
        {
            int kept = place / store.Spacing * store.Spacing;
            int tail = (20 + place - kept) % 24 is >= 1 and <= 8 ? 28 : 20;
            int[] edited = [.. all[..place], .. DraftRun.Ids(tail, place)];
            chat.Rewind(chat.Length);
            Generation answer = new Generator(pair.Model, pair.Drafter).Generate(chat, edited, Eight);
            Assert.Equal((kept, edited.Length - kept), (answer.Stats.CachedTokens, answer.Stats.PromptTokens));
            using Session copy = reference.Fork();
            copy.Rewind(copy.Length - kept);
            Assert.Equal(new Generator(roomy.Model).Generate(copy, edited.AsSpan(kept), Eight).Ids, answer.Ids);
        }
    }

    [Fact]
    public void Callers_with_other_salts_share_nothing()
    {
        using TinyPair pair = new("cpu", new Precision());
        PrefixStore store = new(pair.Model, 1 << 24, Page);
        PromptRows prompt = new(DraftRun.Ids(60, 1));
        using Session session = pair.Model.NewSession(100, store);
        Assert.Equal(0, Cached("a"));
        // The last nine rows would be one wide pass.
        Assert.Equal(51, session.Reusable(prompt));
        Assert.Equal(0, Cached("b"));
        session.Isolate("");
        Assert.Equal(0, session.Reusable(prompt));
        session.Isolate("a");
        Assert.Equal(48, session.Reusable(prompt));
        Assert.Equal(48, Cached("a"));

        int Cached(string salt)
        {
            session.Isolate(salt);
            return new Generator(pair.Model).Generate(session, prompt, Eight).Stats.CachedTokens;
        }
    }

    [Fact]
    public void What_was_of_no_use_for_longest_goes_first_and_the_bound_holds()
    {
        using TinyPair pair = new("cpu", new Precision());
        // Room for two beginnings of a window each, measured on one.
        PrefixStore one = new(pair.Model, 1 << 24, Page);
        TakeIn(one, 1);
        long bytes = one.HeldBytes;
        PrefixStore store = new(pair.Model, (2 * bytes) + Page, Page);
        TakeIn(store, 1);
        TakeIn(store, 2);
        Assert.Equal(24, TakeIn(store, 1));
        Assert.Equal(0, TakeIn(store, 3));
        Assert.Equal(2 * bytes, store.HeldBytes);
        Assert.Equal(24, TakeIn(store, 1));
        Assert.Equal(0, TakeIn(store, 2));
        store.Clear();
        Assert.Equal(0, store.HeldBytes);
        PrefixStore none = new(pair.Model, bytes / 2, Page);
        TakeIn(none, 1);
        Assert.Equal((0, 0), (TakeIn(none, 1), none.HeldBytes));

        int TakeIn(PrefixStore prefixes, int seed)
        {
            using Session session = pair.Model.NewSession(100, prefixes);
            return new Generator(pair.Model).Generate(session, DraftRun.Ids(40, seed), Eight).Stats.CachedTokens;
        }
    }

    [Fact]
    public void What_served_one_session_alone_goes_with_it()
    {
        using TinyPair pair = new("cpu", new Precision());
        PrefixStore store = new(pair.Model, 1 << 24, Page);
        Session session = pair.Model.NewSession(200, store);
        new Generator(pair.Model).Generate(session, DraftRun.Ids(30, 1), Eight with { MaxTokens = 100 });
        int[] said = session.Ids.ToArray();
        using (Session other = pair.Model.NewSession(200, store))
        {
            // The rows of the answer were made one by one: another session makes its own.
            Assert.Equal(24, other.Reusable(new PromptRows(said)));
        }

        long both = store.HeldBytes;
        session.Dispose();
        Assert.InRange(store.HeldBytes, 1, both - 1);
    }

    /// <summary>
    /// Rounds of conversations side by side, most with a beginning that others had, some with pictures, some cancelled, in sessions that go
    /// from one to the next, over a store of any size; each is what a new session answers by itself.
    /// </summary>
    private void Compare(string device, Precision precision, Seed seed)
    {
        _pair ??= new TinyPair(device, precision);
        GemmaModel model = _pair.Model;
        Random random = new(seed.Value);
        PrefixStore store = new(model, (long)Math.Pow(2, 14 + (random.NextDouble() * 8)), Page);
        PromptRows[] heads = [.. Enumerable.Range(0, 3).Select(_ => Head(model, random))];
        Session[] sessions = [.. Enumerable.Range(0, 3).Select(_ => model.NewSession(random.Next(250, 300), store))];
        using ContinuousBatch batch = new(model, random.Next(2) == 0 ? null : _pair.Drafter) { PrefillTime = TimeSpan.FromTicks(1) };
        for (int round = 0; round < 4; round++)
        {
            (PromptRows Prompt, GenerationOptions Options, Task<Generation> Answer)[] runs = [.. sessions.Select(session =>
            {
                PromptRows prompt = Conversation(heads[random.Next(heads.Length)], random);
                GenerationOptions options = new(random.Next(1, 20), random.Next(2) == 0 ? default : Warm with { Seed = (ulong)random.Next(99) }, new HashSet<int>());
                session.Isolate(random.Next(4) == 0 ? "other" : "");
                return (prompt, options, Start(batch, session, prompt, options, random));
            })];
            Assert.True(Task.WaitAll([.. runs.Select(run => run.Answer)], TimeSpan.FromMinutes(2)), "answers that never end");
            foreach ((PromptRows prompt, GenerationOptions options, Task<Generation> answer) in runs)
            {
                using Session alone = model.NewSession(300);
                int[] expected = [.. new Generator(model).Generate(alone, prompt, options).Ids];
                Assert.Equal(expected[..answer.Result.Ids.Count], answer.Result.Ids);
                Assert.True(answer.Result.Stop == StopReason.Cancelled || answer.Result.Ids.Count == expected.Length);
            }

            Assert.InRange(store.HeldBytes, 0, store.Bytes);
        }

        Array.ForEach(sessions, session => session.Dispose());
    }

    private static Task<Generation> Start(ContinuousBatch batch, Session session, PromptRows prompt, GenerationOptions options, Random random)
    {
        CancellationTokenSource cancel = new();
        int left = random.Next(3) == 0 ? random.Next(0, 5) : int.MaxValue;
        if (left == 0 && random.Next(2) == 0)
        {
            cancel.Cancel();
        }
        else if (left == 0)
        {
            // Anywhere in the prompt.
            cancel.CancelAfter(TimeSpan.FromMilliseconds(random.Next(1, 30)));
        }

        int kept = session.KeepPrefix(prompt);
        return batch.Generate(session, prompt.From(kept), options, _ => (--left == 0 ? (Action)cancel.Cancel : () => { })(), cancel.Token);
    }

    private static PromptRows Head(GemmaModel model, Random random)
    {
        // Around windows and chunks, and anywhere.
        int length = random.Next(2) == 0 ? (random.Next(1, 8) * (random.Next(2) == 0 ? 16 : 24)) + random.Next(-1, 2) : random.Next(1, 180);
        int[] ids = DraftRun.Ids(length, random.Next());
        if (length < 40 || random.Next(2) == 0)
        {
            return new PromptRows(ids);
        }

        byte[] rgb = new byte[2 * 3 * 48 * 48 * 3];
        random.NextBytes(rgb);
        int at = random.Next(1, length - 10);
        int[] block = [Boi, ImageId, ImageId, ImageId, ImageId, ImageId, ImageId, Eoi];
        block.CopyTo(ids, at);
        return PromptRows.Of(model.Config, ids, [Medium.Image(model, new Picture(2 * 48, 3 * 48, rgb))]);
    }

    /// <summary>A head or a part of it, and something new.</summary>
    private static PromptRows Conversation(PromptRows head, Random random)
    {
        int common = random.Next(3) == 0 ? random.Next(head.Length + 1) : head.Length;
        common = head.Media.Any(placed => placed.First < common && placed.End > common) ? head.Length : common;
        PromptRows shared = common == head.Length ? head : head.Without(common, head.Length);
        PromptRows whole = new PromptRows(DraftRun.Ids(random.Next(1, 60), random.Next())).After(shared.Ids.ToArray(), shared.Media);
        return random.Next(2) == 0 ? whole.WithHead(common) : whole;
    }
}
