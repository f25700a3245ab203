using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Kernels;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Cli.Measuring;

/// <summary>Measures conversations that decode side by side, in turns with one that decodes alone.</summary>
internal sealed class ParallelBench : IDisposable
{
    private static readonly HashSet<int> NoStops = [];
    private readonly GemmaEngine _engine;
    private readonly Session[] _sessions;
    private readonly int _repetitions;
    private readonly CancellationToken _cancel;
    private readonly Random _random = new(1);

    public ParallelBench(GemmaEngine engine, int context, int repetitions, CancellationToken cancel)
    {
        (_engine, _repetitions, _cancel) = (engine, repetitions, cancel);
        _sessions = [.. Enumerable.Range(0, engine.Plan.Sessions).Select(_ => engine.Model.NewSession(context))];
    }

    /// <summary><paramref name="n"/> tokens for each of <paramref name="users"/> conversations after <paramref name="depth"/> others.</summary>
    public BenchResult Decoding(int users, int n, int depth)
    {
        List<double> alone = [], rates = [], gaps = [];
        long bytes = 0;
        for (int i = 0; i <= _repetitions; i++)
        {
            (double one, _, _) = Run(1, n, depth);
            (double rate, List<double> between, long read) = Run(users, n, depth);
            // The first round compiles and records.
            if (i > 0)
            {
                alone.Add(one);
                rates.Add(rate);
                gaps.AddRange(between);
                bytes = read;
            }
        }

        gaps.Sort();
        double median = BenchRun.Median(rates);
        return new BenchResult($"tg{n} x{users}", depth, rates, bytes * median / (users * n))
        {
            Parallel = new ParallelFigures(
                users, median / users, median / BenchRun.Median(alone), gaps.Count == 0 ? 0 : BenchRun.Median(gaps), gaps.Count == 0 ? 0 : gaps[(int)(0.99 * (gaps.Count - 1))]),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_sessions, session => session.Dispose());

    /// <summary>Total tokens per second, the gaps, and the bytes read.</summary>
    private (double Rate, List<double> Gaps, long Bytes) Run(int users, int n, int depth)
    {
        using ContinuousBatch batch = new(_engine.Model, _engine.Drafter);
        List<double>[] gaps = new List<double>[users];
        GenerationOptions options = new(n + 1, new Sample.Choice(Temperature: 0), NoStops);
        using CountdownEvent first = new(users);
        long start = 0;
        Task<Generation>[] answers = new Task<Generation>[users];
        for (int user = 0; user < users; user++)
        {
            Session session = _sessions[user];
            session.Rewind(session.Length);
            if (depth > 0)
            {
                session.SkipTo(depth);
            }

            List<double> own = gaps[user] = new(n);
            long last = 0;
            answers[user] = batch.Generate(
                session,
                new PromptRows([_random.Next(_engine.Model.Config.VocabSize)]),
                options,
                _ =>
                {
                    long now = Stopwatch.GetTimestamp();
                    if (last == 0)
                    {
                        // Everybody has a first token: from here on all decode.
                        start = first.Signal() ? now : start;
                    }
                    else
                    {
                        own.Add((now - last) / (double)Stopwatch.Frequency);
                    }

                    last = now;
                },
                _cancel);
        }

        Generation[] done = Task.WhenAll(answers).GetAwaiter().GetResult();
        _cancel.ThrowIfCancellationRequested();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (users * n / seconds, [.. gaps.SelectMany(own => own)], done.Sum(answer => answer.Stats.BytesRead));
    }
}
