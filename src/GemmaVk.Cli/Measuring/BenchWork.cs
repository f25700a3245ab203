using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Cli.Steps;
using GemmaVk.Cli.Terminals;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Measuring;

/// <summary>What a benchmark was asked for.</summary>
/// <param name="Prompts">Lengths of prompts.</param>
/// <param name="StepCounts">Numbers of decoding steps.</param>
/// <param name="Verified">Rows of passes that check drafts.</param>
/// <param name="Parallel">Numbers of conversations side by side.</param>
/// <param name="Restored">Lengths of conversations that are written, read back and shared.</param>
/// <param name="Depths">Tokens in the cache before.</param>
/// <param name="Repetitions">Samples per test.</param>
/// <param name="Assumed">Chance by which drafts are accepted, or null to compare them.</param>
internal sealed record BenchWork(
    int[] Prompts, int[] StepCounts, int[] Verified, int[] Parallel, int[] Restored, int[] Depths, int Repetitions, float? Assumed)
{
    /// <summary>Loads the model and measures every test; with kernels of the user's in turns with embedded ones.</summary>
    /// <exception cref="GemmaVkException">It does not load, drafts are to be assumed and there is no drafter, or the user's kernels are none that it runs.</exception>
    public BenchReport Run(Surroundings surroundings, EngineOptions options)
    {
        Terminal terminal = surroundings.Terminal;
        using GemmaEngine engine = surroundings.Load(options, out double loadSeconds);
        if (Assumed is not null && engine.Drafter is null)
        {
            throw new GemmaVkException($"--assume-acceptance {Assumed}: expected a drafter, but there is none ({engine.DrafterReason}); name its folder with --drafter.");
        }

        int context = options.Context!.Value;
        bool inTurns = options.Kernels is { Count: > 0 };
        using Interruption.Listener interruption = terminal.Interruption.Listen();
        double bandwidth = engine.Backend.MeasureReadBandwidth();
        List<BenchResult> results = [], embedded = [];
        using (Session session = engine.Model.NewSession(context))
        {
            BenchRun run = new(engine.Model, session, Repetitions, interruption.Token);
            foreach (int depth in Depths)
            {
                run.WarmUp(depth, Prompts.FirstOrDefault());
                foreach (Func<BenchTest> test in Tests(run, depth, engine.Drafter))
                {
                    if (inTurns)
                    {
                        (IReadOnlyList<BenchResult> theirs, IReadOnlyList<BenchResult> own) = run.InTurns(test);
                        embedded.AddRange(theirs);
                        results.AddRange(own);
                    }
                    else
                    {
                        results.AddRange(run.Run(test()));
                    }
                }

                // What memory gives moves within seconds where others share it: the yardstick is taken again and again.
                bandwidth = Math.Max(bandwidth, engine.Backend.MeasureReadBandwidth());
            }
        }

        RequireRun(options.Kernels, engine.Backend);
        if (Parallel.Length > 0)
        {
            int n = StepCounts.DefaultIfEmpty(32).Max();
            using ParallelBench run = new(engine, context, Repetitions, interruption.Token);
            results.AddRange(Depths.SelectMany(depth => Parallel.Select(users => run.Decoding(users, n, depth))));
        }

        results.AddRange(Restored.SelectMany(n => new RestoreBench(engine, context, Repetitions, interruption.Token).Run(n)));
        WriteKernelTimes(terminal.Error, engine.Backend.KernelTimes);
        if (Parallel.Length + Restored.Length > 0)
        {
            bandwidth = Math.Max(bandwidth, engine.Backend.MeasureReadBandwidth());
        }

        return new(results, bandwidth, loadSeconds, PeakMemory.Bytes(), $"{engine.Backend.Device.Backend}: {engine.Backend.Device.Name}", engine.Model.Precision.CacheInWords(engine.Model.Plan))
        {
            Embedded = inTurns ? embedded : null,
        };
    }

    private IEnumerable<Func<BenchTest>> Tests(BenchRun run, int depth, Drafter? drafter) =>
    [
        .. Prompts.Select(n => (Func<BenchTest>)(() => run.Prefill(n, depth))),
        .. StepCounts.Select(n => (Func<BenchTest>)(() => drafter is null ? run.Decoding(n, depth) : run.Drafting(n, depth, drafter, Assumed))),
        .. Verified.Select(rows => (Func<BenchTest>)(() => run.Verifying(rows, depth))),
    ];

    /// <summary>A ratio of two times of the same code would say that the user's makes no difference.</summary>
    private static void RequireRun(IReadOnlyDictionary<string, string>? own, IBackend backend)
    {
        foreach ((string module, string path) in own ?? new Dictionary<string, string>())
        {
            if (!backend.OwnKernelsRun.Contains(module))
            {
                throw new GemmaVkException(
                    $"--kernel {module}={path}: expected a module that these tests run with this model, but none of them does; 'gemmavk bench --kernels' with the same model names those that run.");
            }
        }
    }

    /// <summary>Loads the model and takes one prompt and one step of each depth apart.</summary>
    public StepReport Steps(Surroundings surroundings, EngineOptions options)
    {
        using GemmaEngine engine = surroundings.Load(options with { Timing = true }, out _);
        using Interruption.Listener interruption = surroundings.Terminal.Interruption.Listen();
        DevicePeaks peaks = engine.Backend.MeasurePeaks();
        List<StepTrace> passes = [];
        using Session session = engine.Model.NewSession(options.Context!.Value);
        BenchRun run = new(engine.Model, session, Repetitions, interruption.Token);
        foreach (int depth in Depths)
        {
            run.WarmUp(depth, Prompts.FirstOrDefault());
            passes.AddRange(Prompts.Select(n => run.Trace($"last pass of a prompt of {n}", depth, n)));
            if (StepCounts.Length > 0)
            {
                passes.Add(run.Trace("step", depth, 0));
            }

            passes.AddRange(Verified.Select(rows => run.Trace($"pass that checks {rows - 1} drafts", depth, -rows)));
        }

        return new StepReport(engine.Backend.Device, peaks, engine.Model.Precision.CacheInWords(engine.Model.Plan), passes);
    }

    /// <summary>With GEMMAVK_TIMINGS=1: where the time of all runs went, warm-up included.</summary>
    private static void WriteKernelTimes(TextWriter error, IReadOnlyDictionary<string, TimeSpan> times)
    {
        double total = times.Values.Sum(time => time.TotalMilliseconds);
        foreach ((string kernel, TimeSpan time) in times.OrderByDescending(entry => entry.Value))
        {
            error.WriteLine($"{kernel,-18} {time.TotalMilliseconds,10:f1} ms {time.TotalMilliseconds / total,6:p1}");
        }
    }
}
