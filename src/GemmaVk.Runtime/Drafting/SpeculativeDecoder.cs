using System;
using System.Collections.Generic;
using System.Diagnostics;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Runtime.Drafting;

// Letters: k drafts of a round, n of them accepted, L positions in the cache when the round begins.

/// <summary>
/// Decoding with drafts: guess k tokens, run them through the target in one pass, keep those that the target itself
/// would have drawn. Row i of the pass holds the text and i drafts; its token is drawn exactly as a plain step at that
/// position draws it. While it equals draft i the next row counts too; the first that differs is the round's last token.
/// So the text is that of plain decoding, at every temperature, whatever the drafts are.
/// Source: arXiv:2211.17192 section 2.3 for a draft of one certain token.
/// </summary>
/// <param name="model">The target.</param>
/// <param name="drafter">Its drafter, or null where only what is certain is guessed.</param>
/// <param name="session">What is continued. Tokens not yet handed out leave no trace in it.</param>
/// <param name="stops">Tokens behind which nothing is guessed.</param>
/// <param name="assumed">In place of comparing: for measuring only.</param>
/// <param name="constraint">What the answer may be: drafts that may not follow are left out, and text that is certain is guessed without the drafter.</param>
public sealed class SpeculativeDecoder(
    GemmaModel model, Drafter? drafter, Session session, IReadOnlySet<int> stops, AssumedAcceptance? assumed = null, IAnswerConstraint? constraint = null)
{
    // Guesses of certain text are given up where more than half are wrong: the model spells that text in other tokens.
    private const int GuessesToJudge = 16;

    // The newest token, then its drafts; and the tokens of the round.
    private readonly int[] _rows = new int[MatVec.MaxRows];
    private readonly int[] _tokens = new int[MatVec.MaxRows];
    private readonly int[] _offered = new int[DraftLength.Most];
    private readonly int[] _accepted = new int[DraftLength.Most];
    private int _drafted;
    private bool _guessing;
    private int _guessed;
    private int _guessedRight;
    private int _count;
    private int _next;
    private int _end = -1;
    private int _hiddenRow;
    private long _run = -1;
    private int _steps;
    private int _drawn;
    private long _draftTicks;
    private long _targetTicks;

    /// <summary>Drafts of the newest round that were right: its first tokens.</summary>
    internal int RightDrafts => _count - 1;

    /// <summary>Whether there is a drafter.</summary>
    public bool Drafts => drafter is not null;

    /// <summary>Passes of the target so far.</summary>
    public int Steps => _steps;

    /// <summary>Weights and cache that passes and drafts had to read.</summary>
    public long BytesRead { get; private set; }

    /// <summary>What drafting did so far.</summary>
    public DraftStats Stats
    {
        get
        {
            int places = Array.IndexOf(_offered, 0);
            places = places < 0 ? _offered.Length : places;
            return new DraftStats(
                _steps, _drawn, _offered[..places], _accepted[..places], Stopwatch.GetElapsedTime(0, _draftTicks),
                Stopwatch.GetElapsedTime(0, _targetTicks), drafter!.Length.PlainSeconds, drafter.Length.Paused, assumed?.Chance);
        }
    }

    /// <summary>Takes over after a pass of the session: its newest row is what the first draft starts from.</summary>
    public void Follow() => Remember(model.Forward.Rows - 1);

    /// <summary>
    /// The token after <paramref name="id"/>, which is taken in: what <see cref="Session.Decode"/> would give, and the session as
    /// it would leave it.
    /// </summary>
    /// <param name="id">The newest token.</param>
    /// <param name="choice">How to draw.</param>
    /// <param name="wanted">Tokens that may still come, this one included; at least 1.</param>
    public int Next(int id, in Sample.Choice choice, int wanted)
    {
        if (TryNext(id, out int token))
        {
            return token;
        }

        ReadOnlySpan<int> rows = Rows(id, wanted, MatVec.MaxRows);
        long start = Stopwatch.GetTimestamp();
        ReadOnlySpan<int> drawn = session.Verify(rows, choice);
        drafter?.Length.Passed(rows.Length, Seconds(Stopwatch.GetTimestamp() - start));
        return Checked(drawn, 0, Stopwatch.GetTimestamp() - start, model.Weights.BytesPerStep);
    }

    /// <summary>A token that an earlier pass has settled: takes in <paramref name="id"/> and gives the one after it.</summary>
    internal bool TryNext(int id, out int token)
    {
        if (_next >= _count || session.Length != _end)
        {
            token = -1;
            return false;
        }

        session.Keep(id);
        _end++;
        token = _tokens[_next++];
        return true;
    }

    /// <summary>The rows of the next pass: the newest token and the drafts that are worth their place.</summary>
    /// <param name="id">The newest token.</param>
    /// <param name="wanted">Tokens that may still come, at least 1.</param>
    /// <param name="most">Most rows, at least 1.</param>
    /// <param name="beside">Rows of other sessions in the same pass.</param>
    internal ReadOnlySpan<int> Rows(int id, int wanted, int most, int beside = 0)
    {
        _rows[0] = id;
        _drafted = Draft(id, Math.Min(wanted, most), beside);
        return _rows.AsSpan(0, _drafted + 1);
    }

    /// <summary>Takes what the pass over <see cref="Rows"/> drew.</summary>
    /// <param name="drawn">One token per row.</param>
    /// <param name="row">Row of the pass where they begin.</param>
    /// <param name="ticks">Time of the pass.</param>
    /// <param name="weightBytes">Weights read for it, as far as they were read for this session.</param>
    /// <returns>The token after the newest; <see cref="TryNext"/> has the others.</returns>
    internal int Checked(ReadOnlySpan<int> drawn, int row, long ticks, long weightBytes)
    {
        int k = _drafted;
        _steps++;
        _targetTicks += ticks;
        BytesRead += weightBytes + model.KvBytesPerStep(session.Length + k + 1);
        int n = k == 0 ? 0 : Accept(drawn, k);
        _rows.AsSpan(1, n).CopyTo(_tokens);
        _tokens[n] = NotFinite.Require(drawn[n], session.Length + n, constraint is not null);
        _drawn += n + 1;
        (_count, _next) = (n + 1, 1);
        session.Keep(_rows[0]);
        Remember(row + n);
        return _tokens[0];
    }

    /// <summary>Guesses into _rows; returns how many.</summary>
    private int Draft(int id, int wanted, int beside)
    {
        int room = Math.Min(session.Context - session.Length, session.Cache.Chunk);
        int most = Math.Min(wanted, room) - 1;
        _guessing = false;
        if (constraint is not null && most > 0 && (_guessed < GuessesToJudge || 2 * _guessedRight >= _guessed)
            && constraint.Guess(_rows.AsSpan(1, most)) is > 0 and int certain)
        {
            _guessing = true;
            return Useful(_rows.AsSpan(1, certain));
        }

        // Without the hidden row of the newest token's pass there is nothing to start from: another session may have run.
        if (drafter is null || model.Forward.Runs != _run || session.Length != _end)
        {
            return 0;
        }

        int k = beside == 0 ? drafter.Length.Next(most) : drafter.Length.NextBeside(most, beside);
        if (k == 0)
        {
            return 0;
        }

        Span<int> drafts = _rows.AsSpan(1, k);
        long start = Stopwatch.GetTimestamp();
        drafter.Propose(session.Cache, id, _hiddenRow, drafts);
        NotFinite.RequireDrafts(drafts, session.Length);
        long ticks = Stopwatch.GetTimestamp() - start;
        _draftTicks += ticks;
        drafter.Length.Drafted(k, Seconds(ticks));
        BytesRead += k * drafter.Weights.BytesPerStep;
        return Useful(drafts);
    }

    /// <summary>Drafts before a stop token: the row before it draws that token itself, and nothing comes after. Nor does one that may not.</summary>
    private int Useful(ReadOnlySpan<int> drafts)
    {
        drafts = constraint is null ? drafts : drafts[..constraint.Try(drafts)];
        for (int i = 0; assumed is null && i < drafts.Length; i++)
        {
            if (stops.Contains(drafts[i]))
            {
                return i;
            }
        }

        return drafts.Length;
    }

    /// <summary>How many drafts are what the target drew.</summary>
    private int Accept(ReadOnlySpan<int> drawn, int k)
    {
        ReadOnlySpan<int> drafts = _rows.AsSpan(1, k);
        int n = assumed?.Next(k) ?? Accepted(_rows.AsSpan(1, k), drawn);
        if (_guessing)
        {
            (_guessed, _guessedRight) = (_guessed + k, _guessedRight + n);
            return n;
        }

        for (int i = 0; i < k; i++)
        {
            _offered[i]++;
            _accepted[i] += i < n ? 1 : 0;
        }

        drafter!.Length.Accepted(k, n);
        return n;
    }

    /// <summary>
    /// The rule: drafts count as long as they are what was drawn. A draft that is certain of its token is accepted with the token's
    /// own probability, and what is drawn in place of a refused one follows the rest: together exactly the target's distribution.
    /// </summary>
    internal static int Accepted(ReadOnlySpan<int> drafts, ReadOnlySpan<int> drawn) => drafts.CommonPrefixLength(drawn);

    private void Remember(int row)
    {
        _hiddenRow = row;
        _run = model.Forward.Runs;
        _end = session.Length;
    }

    private static double Seconds(long ticks) => (double)ticks / Stopwatch.Frequency;
}
