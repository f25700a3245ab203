using System;
using System.Collections.Generic;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Runtime.Tests;

/// <summary>
/// A made-up rule: which tokens may come is a matter of how many came and of the last one, and nothing is ruled out at every fifth place. It notices
/// whatever is asked of it in another order than promised.
/// </summary>
internal sealed class HashedConstraint(int seed, int V, bool guesses) : IAnswerConstraint
{
    private readonly List<int> _taken = [];
    private readonly List<int> _tried = [];

    public IReadOnlyList<int> Taken => _taken;

    public static bool MayCome(int seed, int place, int last, int id) =>
        place % 5 == 3 || (uint)HashCode(seed, place, last, id) % 7 == 0 || id == Fallback(seed, place, last);

    public int Try(ReadOnlySpan<int> drafts)
    {
        _tried.Clear();
        foreach (int draft in drafts)
        {
            if (!MayCome(seed, Place, Last, draft))
            {
                break;
            }

            _tried.Add(draft);
        }

        return _tried.Count;
    }

    public bool Binds(int drafts)
    {
        if (drafts > _tried.Count)
        {
            throw new InvalidOperationException("asked beyond what may follow");
        }

        return (_taken.Count + drafts) % 5 != 3;
    }

    public void Fill(int drafts, Span<uint> allowed)
    {
        int last = drafts == 0 ? LastTaken : _tried[drafts - 1];
        allowed.Clear();
        for (int id = 0; id < V; id++)
        {
            allowed[id >> 5] |= MayCome(seed, _taken.Count + drafts, last, id) ? 1u << id : 0;
        }
    }

    public void Take(int id)
    {
        if (!MayCome(seed, _taken.Count, LastTaken, id))
        {
            throw new InvalidOperationException($"token {id} may not come at place {_taken.Count}");
        }

        _taken.Add(id);
        _tried.Clear();
    }

    /// <summary>Sometimes two tokens that may come, sometimes one that may not.</summary>
    public int Guess(Span<int> drafts)
    {
        if (!guesses || _taken.Count % 3 != 0 || drafts.Length < 2)
        {
            return 0;
        }

        drafts[0] = Fallback(seed, _taken.Count, LastTaken);
        drafts[1] = _taken.Count % 2 == 0 ? Fallback(seed, _taken.Count + 1, drafts[0]) : 0;
        return 2;
    }

    private int Place => _taken.Count + _tried.Count;

    private int Last => _tried.Count > 0 ? _tried[^1] : LastTaken;

    private int LastTaken => _taken.Count > 0 ? _taken[^1] : -1;

    private static int Fallback(int seed, int place, int last) => 12 + ((HashCode(seed, place, last, -1) & 0x7FFFFFFF) % 400);

    private static int HashCode(int seed, int place, int last, int id)
    {
        uint hash = 2166136261;
        foreach (int value in (ReadOnlySpan<int>)[seed, place, last, id])
        {
            hash = (hash ^ (uint)value) * 16777619;
            hash ^= hash >> 15;
            hash *= 2246822519;
        }

        return (int)(hash ^ (hash >> 13));
    }
}
