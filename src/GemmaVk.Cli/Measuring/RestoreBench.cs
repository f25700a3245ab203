using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using GemmaVk.Runtime.Prefixes;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Cli.Measuring;

/// <summary>
/// Measures what it costs to have a conversation back instead of taking it in again: writing and reading its file, and sealing its rows in
/// memory and giving them to another session. The rows are made up; the bytes are those of any conversation of that length.
/// </summary>
internal sealed class RestoreBench(GemmaEngine engine, int context, int repetitions, CancellationToken cancel)
{
    /// <summary>Saves, restores, seals and shares <paramref name="n"/> positions, each as tokens per second.</summary>
    public IEnumerable<BenchResult> Run(int n)
    {
        string path = Path.Combine(Path.GetTempPath(), $"gemmavk-{Environment.ProcessId}-{n}.session");
        (List<double> saved, List<double> restored, List<double> sealing, List<double> shared) = ([], [], [], []);
        long bytes = 0;
        // Room for the one that is measured, and for no other.
        PrefixStore store = new(engine.Model, engine.Plan.PrefixBytes);
        try
        {
            using Session session = engine.Model.NewSession(context, store);
            session.SkipTo(n);
            for (int i = 0; i <= repetitions; i++)
            {
                cancel.ThrowIfCancellationRequested();
                double save = Seconds(() => SessionFile.Save(session, path));
                bytes = new FileInfo(path).Length;
                double restore = Seconds(() => SessionFile.Load(engine.Model, path, context, out _).Dispose());
                File.Delete(path);
                store.Clear();
                double seal = Seconds(() => store.Keep(session));
                // Nothing is run: this is the copying alone.
                double share = Seconds(() => store.TryGive(session));
                // The first round touches memory for the first time.
                if (i > 0)
                {
                    saved.Add(n / save);
                    restored.Add(n / restore);
                    sealing.Add(n / seal);
                    shared.Add(n / share);
                }
            }
        }
        finally
        {
            File.Delete(path);
        }

        foreach ((string what, List<double> rates) in new[] { ("save", saved), ("restore", restored), ("seal", sealing), ("share", shared) })
        {
            yield return new BenchResult($"{what}{n}", 0, rates, bytes * BenchRun.Median(rates) / n);
        }
    }

    private static double Seconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
