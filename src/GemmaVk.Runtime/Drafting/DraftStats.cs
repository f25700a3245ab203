using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Runtime.Drafting;

/// <summary>What drafting did for an answer.</summary>
/// <param name="Steps">Passes of the target, plain ones included.</param>
/// <param name="Tokens">Tokens that came out of them.</param>
/// <param name="Offered">Rounds that had a draft at place i, from the first on.</param>
/// <param name="Accepted">Rounds in which the drafts up to place i were all right.</param>
/// <param name="DraftTime">Time spent on drafts.</param>
/// <param name="TargetTime">Time spent on the target's passes.</param>
/// <param name="PlainSeconds">A plain step, measured in the same process; null where there was none.</param>
/// <param name="Paused">Whether drafting rested at the end because no length paid.</param>
/// <param name="Assumed">The chance of acceptance that was assumed in place of comparing, or null.</param>
public sealed record DraftStats(
    int Steps,
    int Tokens,
    IReadOnlyList<int> Offered,
    IReadOnlyList<int> Accepted,
    TimeSpan DraftTime,
    TimeSpan TargetTime,
    double? PlainSeconds,
    bool Paused,
    double? Assumed)
{
    /// <summary>Tokens per pass of the target; 1 without drafts.</summary>
    public double TokensPerStep => Steps == 0 ? 0 : (double)Tokens / Steps;

    /// <summary>Drafts that were made.</summary>
    public int Drafts => Offered.Sum();

    /// <summary>Drafts that became text.</summary>
    public int Kept => Accepted.Sum();

    /// <summary>Share of drafts that became text.</summary>
    public double Acceptance => Drafts == 0 ? 0 : (double)Kept / Drafts;

    /// <summary>Share of the rounds with a draft at place i in which it became text.</summary>
    public IReadOnlyList<double> AcceptanceByPlace => [.. Offered.Zip(Accepted, (of, yes) => (double)yes / of)];

    /// <summary>How many times as fast as plain steps; null where none was measured.</summary>
    public double? Speedup => PlainSeconds is { } plain && Tokens > 0 ? plain * Tokens / (DraftTime + TargetTime).TotalSeconds : null;

    /// <summary>Both together.</summary>
    public DraftStats And(DraftStats other) => other with
    {
        Steps = Steps + other.Steps,
        Tokens = Tokens + other.Tokens,
        Offered = Sum(Offered, other.Offered),
        Accepted = Sum(Accepted, other.Accepted),
        DraftTime = DraftTime + other.DraftTime,
        TargetTime = TargetTime + other.TargetTime,
    };

    private static int[] Sum(IReadOnlyList<int> a, IReadOnlyList<int> b) =>
        [.. Enumerable.Range(0, Math.Max(a.Count, b.Count)).Select(i => (i < a.Count ? a[i] : 0) + (i < b.Count ? b[i] : 0))];
}
