using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Fuzz.Mutations;

namespace GemmaVk.Fuzz;

/// <summary>Feeds a parser for a while. The same seed gives each thread the same choices; which inputs are kept also depends on the clock.</summary>
/// <param name="make">Makes a target for each thread.</param>
/// <param name="seed">Of all choices.</param>
/// <param name="time">How long.</param>
/// <param name="threads">How many at once.</param>
/// <param name="least">Inputs that it takes even where the machine does so much else that the time is over before.</param>
internal sealed class FuzzRun(Func<Target> make, int seed, TimeSpan time, int threads, long least = 0)
{
    // Parsers of small files take microseconds; on a machine that does much else, seconds are still a hang.
    private static readonly TimeSpan LongestInput = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Shrinking = TimeSpan.FromSeconds(20);
    private const int MostFindings = 20;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Finding> _findings = [];
    private long _inputs;
    private long _accepted;

    /// <summary>Inputs so far.</summary>
    public long Inputs => Interlocked.Read(ref _inputs);

    /// <summary>Those that the parser accepted.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Different ways in which inputs ended.</summary>
    public int Outcomes { get; private set; }

    /// <summary>Runs to the end of the time, or the most findings.</summary>
    /// <returns>One finding of each kind, as small as it could be made.</returns>
    public IReadOnlyList<Finding> Run()
    {
        using Target first = make();
        Corpus corpus = new([.. first.Seeds(), .. Seeds.Kept(first.Name).Select(File.ReadAllBytes)]);
        Worker[] workers = [.. Enumerable.Range(0, threads).Select(i => new Worker(this, corpus, i == 0 ? first : first.Another(), seed + i))];
        Array.ForEach(workers, worker => worker.Start());
        while (Array.Exists(workers, worker => !worker.Wait(100)))
        {
            if (workers.FirstOrDefault(worker => worker.Hangs) is { } hanging)
            {
                Add(new Finding(first.Name, hanging.Input, "hang", $"no end after {LongestInput.TotalSeconds:0} s"));
                return [.. _findings.Values];
            }
        }

        Outcomes = corpus.Outcomes;
        IReadOnlyList<Finding> smallest = [.. _findings.Values.Select(finding => Minimiser.Shrink(first, finding, Shrinking / _findings.Count))];
        Array.ForEach(workers[1..], worker => worker.Dispose());
        return smallest;
    }

    private void Add(Finding finding)
    {
        lock (_lock)
        {
            _findings.TryAdd(finding.Kind, finding);
        }
    }

    private bool IsOver(long start) => (Stopwatch.GetElapsedTime(start) >= time && Inputs >= least) || _findings.Count >= MostFindings;

    private sealed class Worker : IDisposable
    {
        // Deeper than the usual stack of a thread, no parser may go.
        private const int StackBytes = 1 << 20;
        private static readonly ByteMutation Bytes = new();
        private readonly FuzzRun _run;
        private readonly Corpus _corpus;
        private readonly Target _target;
        private readonly Random _random;
        private readonly Thread _thread;
        private readonly Witness _witness;
        private long _began;

        public Worker(FuzzRun run, Corpus corpus, Target target, int seed)
        {
            (_run, _corpus, _target, _random) = (run, corpus, target, new Random(seed));
            _witness = new Witness(target.Name);
            _thread = new Thread(Work, StackBytes) { IsBackground = true };
        }

        public byte[] Input { get; private set; } = [];

        public bool Hangs => Interlocked.Read(ref _began) is var began and not 0 && Stopwatch.GetElapsedTime(began) > LongestInput;

        public void Start() => _thread.Start();

        public bool Wait(int milliseconds) => _thread.Join(milliseconds);

        public void Dispose() => _target.Dispose();

        private void Work()
        {
            long start = Stopwatch.GetTimestamp();
            using Witness witness = _witness;
            for (int i = 0; i % 16 != 0 || !_run.IsOver(start); i++)
            {
                byte[] seed = _corpus.Any(_random);
                byte[] input = (_random.Next(5) == 0 ? Bytes : _target.Structure).Apply(seed, _corpus.Any(_random), _random);
                Input = input;
                witness.Note(input);
                Interlocked.Exchange(ref _began, Stopwatch.GetTimestamp());
                Finding? finding = Judge.Of(_target, input, out string outcome);
                Interlocked.Exchange(ref _began, 0);
                Interlocked.Increment(ref _run._inputs);
                if (outcome == "accepted")
                {
                    Interlocked.Increment(ref _run._accepted);
                }

                if (finding is not null)
                {
                    _run.Add(finding);
                }
                else
                {
                    _corpus.Saw(input, outcome);
                }
            }
        }
    }
}
