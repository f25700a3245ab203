using System;
using System.Threading;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Server.Answers;

/// <summary>What the server did since it started, added up. From any thread.</summary>
internal sealed class Figures
{
    private readonly Lock _gate = new();

    /// <summary>Answers that ended, by how.</summary>
    public long Stopped, CutOff, Cancelled, Failed;

    /// <summary>Tokens that were taken in, found in a cache, and written.</summary>
    public long PromptTokens, CachedTokens, AnswerTokens;

    /// <summary>Seconds of taking in and of writing.</summary>
    public double PromptSeconds, AnswerSeconds;

    /// <summary>Drafted tokens, and those of them that became text.</summary>
    public long Drafts, Kept;

    /// <summary>Bytes that were read while answers were written.</summary>
    public long BytesRead;

    /// <summary>Steps in which answers were written.</summary>
    public long Steps;

    /// <summary>Times to the first token and between tokens, in seconds.</summary>
    public Histogram FirstToken { get; } = new([0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]);

    /// <summary>Times between tokens, in seconds.</summary>
    public Histogram BetweenTokens { get; } = new([0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1]);

    /// <summary>Times of whole answers, in seconds.</summary>
    public Histogram Whole { get; } = new([0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]);

    /// <summary>Adds an answer.</summary>
    public void Add(Answer answer, int reused, TimeSpan firstToken, TimeSpan whole)
    {
        lock (_gate)
        {
            GenerationStats stats = answer.Stats;
            _ = answer.Stop switch
            {
                StopReason.Stop => Stopped++,
                StopReason.Cancelled => Cancelled++,
                _ => CutOff++,
            };
            PromptTokens += stats.PromptTokens;
            CachedTokens += reused;
            AnswerTokens += stats.AnswerTokens;
            PromptSeconds += stats.PromptTime.TotalSeconds;
            AnswerSeconds += stats.AnswerTime.TotalSeconds;
            Drafts += stats.Drafting?.Drafts ?? 0;
            Kept += stats.Drafting?.Kept ?? 0;
            BytesRead += stats.BytesRead;
            Steps += stats.Steps;
            FirstToken.Add(firstToken.TotalSeconds);
            Whole.Add(whole.TotalSeconds);
            if (stats.AnswerTokens > 1)
            {
                BetweenTokens.Add(stats.AnswerTime.TotalSeconds / (stats.AnswerTokens - 1), stats.AnswerTokens - 1);
            }
        }
    }

    /// <summary>Adds an answer that failed.</summary>
    public void AddFailure() => Interlocked.Increment(ref Failed);

    /// <summary>Reads a number of these while none changes.</summary>
    public T Read<T>(Func<Figures, T> read)
    {
        lock (_gate)
        {
            return read(this);
        }
    }
}

/// <summary>How often a value was at most each bound.</summary>
/// <param name="bounds">Ascending.</param>
internal sealed class Histogram(double[] bounds)
{
    private readonly long[] _counts = new long[bounds.Length + 1];

    /// <summary>The bounds.</summary>
    public ReadOnlySpan<double> Bounds => bounds;

    /// <summary>Values within each bound and above the one before; the last above all.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>All values together.</summary>
    public double Sum { get; private set; }

    /// <summary>Adds a value some times.</summary>
    public void Add(double value, long times = 1)
    {
        int at = 0;
        while (at < bounds.Length && value > bounds[at])
        {
            at++;
        }

        _counts[at] += times;
        Sum += value * times;
    }
}
