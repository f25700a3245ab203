using System;
using GemmaVk.Kernels;

namespace GemmaVk.Runtime.Drafting;

// Letters: k drafts per round, a_i chance that draft i is right if those before it were, c_T seconds of a pass of T rows,
// d seconds of one draft.

/// <summary>
/// Chooses how many tokens to guess per round, from what drafts and passes cost here and how often guesses are right:
/// <code>
/// tokens per second with k drafts = (1 + a_1 + a_1 a_2 + ... + a_1 .. a_k) / (k d + c_(k+1))
/// </code>
/// The largest wins. Where that is k = 0, it pauses drafting, for longer each time, and then tries again. It is told the
/// times and has no clock of its own.
/// </summary>
internal sealed class DraftLength
{
    /// <summary>Most drafts per round: with the newest token they make one pass.</summary>
    public const int Most = MatVec.MaxRows - 1;

    private const int Start = 3;
    private const double Likely = 0.75;
    private const int Prior = 2;
    private const double Memory = 0.97;
    private const double Weight = 0.25;

    // What a row more is taken to cost before it was measured: little, so that longer rounds are tried once.
    private const double RowShare = 0.05;

    // A length has to be better by this much to be changed to.
    private const double Margin = 1.02;
    private const int Era = 128;
    private const int PlainRound = 6;
    private const int Trial = 4;
    private const int LeastPause = 32;
    private const int MostPause = 1024;

    private readonly int? _fixed;
    private readonly double[] _pass = new double[Most + 2];
    private readonly double[] _draft = new double[Most + 1];
    private readonly bool[] _passSeen = new bool[Most + 2];
    private readonly bool[] _draftSeen = new bool[Most + 1];
    private readonly double[] _right = new double[Most + 1];
    private readonly double[] _tried = new double[Most + 1];
    private int _round;
    private int _last = Start;
    private int _pause;
    private int _trial;
    private int _patience = LeastPause;

    /// <param name="drafts">Drafts per round, or null to choose.</param>
    public DraftLength(int? drafts)
    {
        if (drafts is { } k)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(k, Most);
        }

        _fixed = drafts;
    }

    /// <summary>True while no length pays and drafting rests.</summary>
    public bool Paused { get; private set; }

    /// <summary>Seconds of a plain step, measured while running; null before there was one.</summary>
    public double? PlainSeconds { get; private set; }

    /// <summary>Drafts for the next round: 0 for a plain step.</summary>
    /// <param name="most">How many there is room for.</param>
    public int Next(int most)
    {
        most = Math.Min(most, Most);
        if (most < 1)
        {
            return 0;
        }

        if (_fixed is { } k)
        {
            return Math.Min(k, most);
        }

        int chosen = Choose();
        _last = chosen > 0 ? chosen : _last;
        return Math.Min(chosen, most);
    }

    /// <summary>
    /// Drafts for a session whose pass has rows of others too: the number that gives the pass the most tokens per second. The others'
    /// rows are taken to give one token each.
    /// </summary>
    /// <param name="most">How many there is room for.</param>
    /// <param name="beside">Rows of the others.</param>
    public int NextBeside(int most, int beside)
    {
        most = Math.Min(most, Most - beside);
        if (most < 1 || _fixed is not null)
        {
            return Math.Clamp(_fixed ?? 0, 0, Math.Max(0, most));
        }

        if (DraftSeconds(1) == 0)
        {
            return 1;
        }

        int best = 0;
        for (int k = 1; k <= most; k++)
        {
            best = Rate(k, beside) > Rate(best, beside) * Margin ? k : best;
        }

        return best;
    }

    /// <summary>Takes note of a round of drafts.</summary>
    public void Drafted(int drafts, double seconds)
    {
        if (Counts(ref _draftSeen[drafts]))
        {
            _draft[drafts] = Blend(_draft[drafts], seconds / drafts);
        }
    }

    /// <summary>Takes note of a pass of the target.</summary>
    public void Passed(int rows, double seconds)
    {
        if (Counts(ref _passSeen[rows]))
        {
            _pass[rows] = Blend(_pass[rows], seconds);
            PlainSeconds = rows == 1 ? _pass[1] : PlainSeconds;
        }
    }

    /// <summary>Takes note of how many of a round's drafts were right.</summary>
    public void Accepted(int drafts, int accepted)
    {
        for (int i = 1; i <= Math.Min(accepted + 1, drafts); i++)
        {
            _tried[i] = (_tried[i] * Memory) + 1;
            _right[i] = (_right[i] * Memory) + (i <= accepted ? 1 : 0);
        }
    }

    /// <summary>Tokens per second that <paramref name="drafts"/> per round promise, beside other rows; 0 drafts are a plain step.</summary>
    public double Rate(int drafts, int beside = 0)
    {
        double tokens = 1 + beside, all = 1, chance = Likely;
        for (int i = 1; i <= drafts; i++)
        {
            chance = (_right[i] + (Prior * chance)) / (_tried[i] + Prior);
            all *= chance;
            tokens += all;
        }

        return tokens / ((drafts * DraftSeconds(drafts)) + PassSeconds(beside + drafts + 1));
    }

    private int Choose()
    {
        int round = ++_round % Era;
        if (round == 0)
        {
            Forget();
        }

        // A plain step now and then: what drafting is compared with.
        if (round == PlainRound || (round < PlainRound + 2 && round > PlainRound && _pass[1] == 0))
        {
            return 0;
        }

        if (_pause > 0)
        {
            _trial = --_pause == 0 ? Trial : 0;
            return 0;
        }

        if (PassSeconds(Start + 1) == 0 || DraftSeconds(Start) == 0)
        {
            return Start;
        }

        return _trial > 0 ? TryAgain() : Settle(Best(0));
    }

    private int TryAgain()
    {
        _trial--;
        return Best(1);
    }

    private int Settle(int best)
    {
        Paused = best == 0;
        if (Paused)
        {
            _pause = _patience;
            _patience = Math.Min(2 * _patience, MostPause);
        }
        else
        {
            _patience = LeastPause;
        }

        return best;
    }

    private int Best(int least)
    {
        int best = _last;
        double rate = Rate(best) * Margin;
        for (int k = 1; k <= Most; k++)
        {
            double other = Rate(k);
            if (other > rate)
            {
                (best, rate) = (k, other);
            }
        }

        return least == 0 && Rate(0) >= Rate(best) ? 0 : best;
    }

    // What was measured under other circumstances (a shorter context, a busier machine) is measured again when it matters.
    private void Forget()
    {
        for (int k = 0; k <= Most; k++)
        {
            if (k != _last)
            {
                _pass[k + 1] = 0;
                _draft[k] = 0;
            }
        }
    }

    private double PassSeconds(int rows) => Estimate(_pass, rows, RowShare);

    private double DraftSeconds(int drafts) => drafts == 0 ? 0 : Estimate(_draft, drafts, 0);

    /// <summary>What was measured, or what its neighbours say; 0 where nothing is known.</summary>
    private static double Estimate(double[] measured, int at, double share)
    {
        if (measured[at] > 0)
        {
            return measured[at];
        }

        int below = at - 1, above = at + 1;
        while (below > 0 && measured[below] == 0)
        {
            below--;
        }

        while (above < measured.Length && measured[above] == 0)
        {
            above++;
        }

        if (above == measured.Length)
        {
            return below < 1 ? 0 : measured[below] * (1 + (share * at)) / (1 + (share * below));
        }

        return below < 1
            ? measured[above] * (1 + (share * at)) / (1 + (share * above))
            : measured[below] + ((measured[above] - measured[below]) * (at - below) / (above - below));
    }

    // The first run of each kind is recorded and compiled within its time.
    private static bool Counts(ref bool seen)
    {
        bool counts = seen;
        seen = true;
        return counts;
    }

    private static double Blend(double old, double value) => old == 0 ? value : old + (Weight * (Math.Min(value, 2 * old) - old));
}
