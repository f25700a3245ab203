using System;
using System.Threading;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Server.Service;

namespace GemmaVk.Server.Answers;

/// <summary>What the server did since it started, added up. From any thread.</summary>
/// <param name="meter">Takes the times.</param>
internal sealed class Figures(ServerMeter meter)
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

    /// <summary>Requests that waited for the longest time in the queue and were turned away.</summary>
    public long TurnedAway;

    /// <summary>Share of drafted tokens that became text.</summary>
    public double Acceptance => Drafts > 0 ? (double)Kept / Drafts : 0;

    /// <summary>What was read in a second while answers were written.</summary>
    public double BytesPerSecond => AnswerSeconds > 0 ? BytesRead / AnswerSeconds : 0;

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
            meter.FirstToken.Record(firstToken.TotalSeconds);
            meter.Whole.Record(whole.TotalSeconds);
            if (stats.AnswerTokens > 1)
            {
                meter.BetweenTokens.Record(stats.AnswerTime.TotalSeconds / (stats.AnswerTokens - 1));
            }
        }
    }

    /// <summary>Adds a time in the queue.</summary>
    /// <param name="time">How long.</param>
    /// <param name="turn">Whether the turn came.</param>
    public void AddWait(TimeSpan time, bool turn)
    {
        meter.QueueTime.Record(time.TotalSeconds);
        Interlocked.Add(ref TurnedAway, turn ? 0 : 1);
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
