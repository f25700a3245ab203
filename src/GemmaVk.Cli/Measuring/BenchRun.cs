using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using GemmaVk.Cli.Steps;
using GemmaVk.Kernels;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Cli.Measuring;

/// <summary>
/// Measures a model: prompts of made-up ids and greedy decoding, each from a cache of a given depth. Ids come from a fixed
/// seed; what is computed costs the same whatever they say.
/// </summary>
internal sealed class BenchRun(GemmaModel model, Session session, int repetitions, CancellationToken cancel)
{
    /// <summary>Passes per sample of <see cref="Verifying"/>, and so the positions it needs.</summary>
    public const int Passes = 8;

    private static readonly HashSet<int> NoStops = [];
    private static readonly Sample.Choice Greedy = new(Temperature: 0);
    private Random _random = new(1);
    private readonly float[] _one = new float[1];

    /// <summary>Runs a prompt and a few steps, so that code, caches and pipelines are warm.</summary>
    public void WarmUp(int depth, int prompt)
    {
        Depth(depth);
        Prompt(Ids(Math.Max(1, prompt)));
        Depth(depth);
        Decode(2);
    }

    /// <summary>Samples a test.</summary>
    public IReadOnlyList<BenchResult> Run(BenchTest test)
    {
        for (int i = test.Compiles ? 0 : 1; i <= repetitions; i++)
        {
            cancel.ThrowIfCancellationRequested();
            test.Sample(i > 0);
        }

        return test.Results();
    }

    /// <summary>Samples a test with embedded kernels and with the user's in turns, so that both meet the machine, the ids and the cache in the same state.</summary>
    /// <param name="make">Makes the test.</param>
    /// <returns>The results of both, sample beside sample.</returns>
    public (IReadOnlyList<BenchResult> Embedded, IReadOnlyList<BenchResult> Own) InTurns(Func<BenchTest> make)
    {
        (bool Own, BenchTest Test)[] pair = [(false, Seeded(make)), (true, Seeded(make))];
        for (int i = 0; i <= repetitions; i++)
        {
            // Each goes first as often as the other.
            foreach ((bool own, BenchTest test) in i % 2 == 0 ? pair : Enumerable.Reverse(pair))
            {
                cancel.ThrowIfCancellationRequested();
                model.Backend.TakeOwnKernels(own);
                _random = new Random(i + 2);
                test.Sample(i > 0);
            }
        }

        return (pair[0].Test.Results(), pair[1].Test.Results());
    }

    /// <summary>A prompt of <paramref name="n"/> tokens after <paramref name="depth"/> others.</summary>
    public BenchTest Prefill(int n, int depth)
    {
        int passes = (n + model.Chunk - 1) / model.Chunk;
        int[] ids = Ids(n);
        return Plain($"pp{n}", n, depth, (passes * model.Weights.BytesPerStep) + model.KvBytesPerStep(depth + n), () => Prompt(ids));
    }

    /// <summary><paramref name="n"/> single steps after <paramref name="depth"/> tokens.</summary>
    public BenchTest Decoding(int n, int depth) => Plain($"tg{n}", n, depth, BytesOfSteps(n, depth), () => Decode(n));

    /// <summary>Passes that check <paramref name="rows"/> - 1 drafts, in turns with plain steps; one sample is the mean of a few passes.</summary>
    public BenchTest Verifying(int rows, int depth)
    {
        int[] ids = Ids(rows);
        List<double> plain = [], verified = [];
        return new BenchTest(
            counts =>
            {
                double one = Timed(depth, () => Decode(Passes)) / Passes, several = Timed(depth, () => Verify(ids, Passes)) / Passes;
                if (counts)
                {
                    plain.Add(one);
                    verified.Add(several);
                }
            },
            () =>
            {
                double seconds = Median(verified);
                return
                [
                    new BenchResult($"vf{rows}", depth, [.. verified.Select(s => rows / s)], (model.Weights.BytesPerStep + model.KvBytesPerStep(depth + rows)) / seconds)
                    {
                        PlainSteps = seconds / Median(plain),
                    },
                ];
            },
            Compiles: true);
    }

    /// <summary>
    /// The same steps plain and with drafts, in turns, so that both meet the machine in the same state. Drafts are compared with
    /// what the model writes after made-up ids, or accepted by an assumed pattern.
    /// </summary>
    public BenchTest Drafting(int n, int depth, Drafter drafter, double? acceptance)
    {
        Drafted plain = new(), drafted = new();
        return new BenchTest(
            counts =>
            {
                plain.Add(counts, Timed(depth, () => Decode(n)), null, n);
                SpeculativeDecoder? decoder = null;
                double seconds = Timed(depth, () => decoder = Decode(n, drafter, acceptance is { } chance ? new AssumedAcceptance(chance) : null));
                drafted.Add(counts, seconds, decoder!, n);
            },
            () =>
            [
                plain.Result($"tg{n}", depth, BytesOfSteps(n, depth)),
                drafted.Result($"tg{n} drafted", depth, drafted.Bytes / repetitions) with { Speedup = Median(plain.Seconds) / Median(drafted.Seconds) },
            ],
            // What drafts cost is learned too.
            Compiles: true);
    }

    /// <summary>One pass after <paramref name="depth"/> tokens, every kernel of it: the repetition with the median length.</summary>
    /// <param name="name">What it is, for tables.</param>
    /// <param name="depth">Tokens in the cache before.</param>
    /// <param name="rows">Tokens of a prompt, whose last pass counts; 0 for a step; below 0 the rows of a pass that checks drafts.</param>
    public StepTrace Trace(string name, int depth, int rows)
    {
        int[] ids = Ids(Math.Max(1, Math.Abs(rows)));
        int last = rows > 0 ? ((rows - 1) % model.Chunk) + 1 : 0;
        List<StepTrace> traces = [];
        // The first round compiles and records.
        for (int i = 0; i <= repetitions; i++)
        {
            cancel.ThrowIfCancellationRequested();
            Depth(depth);
            model.Backend.Rouse();
            if (rows > 0)
            {
                Prompt(ids);
            }
            else if (rows < 0)
            {
                Verify(ids, 1);
            }
            else
            {
                Decode(1);
            }

            traces.Add(StepTrace.Of(name, depth, depth + Math.Max(0, rows - last), model.Backend.LastRun));
        }

        return traces.Skip(1).OrderBy(trace => trace.Length).ElementAt((repetitions - 1) / 2);
    }

    private double Timed(int depth, Action work)
    {
        Depth(depth);
        model.Backend.Rouse();
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private SpeculativeDecoder Decode(int n, Drafter drafter, AssumedAcceptance? assumed)
    {
        SpeculativeDecoder decoder = new(model, drafter, session, NoStops, assumed);
        int id = Ids(1)[0];
        for (int i = 0; i < n; i++)
        {
            cancel.ThrowIfCancellationRequested();
            id = decoder.Next(id, Greedy, n - i);
        }

        return decoder;
    }

    private BenchTest Plain(string test, int tokens, int depth, long bytes, Action work)
    {
        List<double> seconds = [];
        return new BenchTest(
            counts =>
            {
                double time = Timed(depth, work);
                if (counts)
                {
                    seconds.Add(time);
                }
            },
            () => [new BenchResult(test, depth, [.. seconds.Select(s => tokens / s)], bytes / Median(seconds))],
            Compiles: false);
    }

    private long BytesOfSteps(int n, int depth) => Enumerable.Range(depth + 1, n).Sum(length => model.Weights.BytesPerStep + model.KvBytesPerStep(length));

    /// <summary>The middle value, or the mean of the two middle ones.</summary>
    public static double Median(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private void Depth(int depth)
    {
        session.Rewind(session.Length);
        if (depth > 0)
        {
            session.SkipTo(depth);
        }
    }

    private void Prompt(int[] ids)
    {
        session.Prefill(ids, null, cancel);
        // A device may still be at work: reading waits for it.
        session.ReadLogits(_one);
    }

    private void Decode(int n)
    {
        int id = Ids(1)[0];
        for (int i = 0; i < n; i++)
        {
            cancel.ThrowIfCancellationRequested();
            id = session.Decode(id, Greedy);
        }
    }

    private void Verify(int[] ids, int passes)
    {
        for (int i = 0; i < passes; i++)
        {
            session.Verify(ids, Greedy);
        }
    }

    /// <summary>Repetitions of one kind of decoding.</summary>
    private sealed class Drafted
    {
        private readonly List<double> _rates = [];
        private DraftStats? _stats;

        public List<double> Seconds { get; } = [];

        public long Bytes { get; private set; }

        public void Add(bool counts, double seconds, SpeculativeDecoder? decoder, int tokens)
        {
            if (!counts)
            {
                return;
            }

            Seconds.Add(seconds);
            _rates.Add(tokens / seconds);
            Bytes += decoder?.BytesRead ?? 0;
            _stats = decoder is null ? null : _stats is null ? decoder.Stats : _stats.And(decoder.Stats);
        }

        public BenchResult Result(string test, int depth, long bytes) => new(test, depth, _rates, bytes / Median(Seconds), _stats);
    }

    private BenchTest Seeded(Func<BenchTest> make)
    {
        _random = new Random(1);
        return make();
    }

    private int[] Ids(int n) => [.. Enumerable.Range(0, n).Select(_ => _random.Next(model.Config.VocabSize))];
}

/// <summary>One measured test.</summary>
/// <param name="Test"><c>pp128</c> for a prompt of 128 tokens, <c>tg32</c> for 32 decoding steps, <c>vf4</c> for passes that check 3 drafts.</param>
/// <param name="Depth">Tokens in the cache before.</param>
/// <param name="Samples">Tokens per second of each repetition.</param>
/// <param name="BytesPerSecond">Weights and cache that had to be read, per second of the median repetition.</param>
/// <param name="Drafting">What drafting did in all repetitions, or null without.</param>
/// <param name="Speedup">Times as fast as the plain steps that were run in turns with it; null for other tests.</param>
internal sealed record BenchResult(
    string Test, int Depth, IReadOnlyList<double> Samples, double BytesPerSecond, DraftStats? Drafting = null, double? Speedup = null)
{
    /// <summary>Time of a pass that checks drafts, in plain steps of the same run; null for other tests.</summary>
    public double? PlainSteps { get; init; }

    /// <summary>Conversations side by side; null for other tests.</summary>
    public ParallelFigures? Parallel { get; init; }

    /// <summary>Tokens per second of the median repetition.</summary>
    public double Median => BenchRun.Median(Samples);
}
