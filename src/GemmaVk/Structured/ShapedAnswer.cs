using System;
using System.Collections.Generic;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Structured;

/// <summary>One answer on its way through its shape.</summary>
internal sealed class ShapedAnswer : IAnswerConstraint
{
    private readonly ShapeRules _rules;
    private readonly Dictionary<ShapeSpot, int[]> _certain = [];

    // Where the answer is, and behind it where each draft would lead.
    private readonly List<ShapeSpot> _spots = [];

    public ShapedAnswer(ShapeRules rules, bool mayThink, bool inThought)
    {
        _rules = rules;
        _spots.Add(rules.Start(mayThink, inThought));
    }

    public int Try(ReadOnlySpan<int> drafts)
    {
        _spots.RemoveRange(1, _spots.Count - 1);
        foreach (int draft in drafts)
        {
            if (!_rules.TryStep(_spots[^1], draft, out ShapeSpot next))
            {
                break;
            }

            _spots.Add(next);
        }

        return _spots.Count - 1;
    }

    public bool Binds(int drafts) => _rules.Binds(_spots[drafts]);

    public void Fill(int drafts, Span<uint> allowed) => _rules.Fill(_spots[drafts], allowed);

    public void Take(int id)
    {
        ShapeSpot from = _spots[0];
        _spots.Clear();
        _spots.Add(_rules.TryStep(from, id, out ShapeSpot next)
            ? next
            : throw new InvalidOperationException($"token {id} was drawn where the answer's shape does not allow it"));
    }

    public int Guess(Span<int> drafts)
    {
        ShapeSpot spot = _spots[0];
        if (!_certain.TryGetValue(spot, out int[]? tokens))
        {
            tokens = _rules.Certain(spot);
            _certain.Add(spot, tokens);
        }

        int count = Math.Min(tokens.Length, drafts.Length);
        tokens.AsSpan(0, count).CopyTo(drafts);
        return count;
    }
}
