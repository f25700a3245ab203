using System.Collections.Generic;
using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Automata;

/// <summary>
/// A rule that goes through itself: a small automaton whose edges are other nodes. The regular parts between are lexemes, so that a frame of this
/// kind is never where a byte is taken.
/// </summary>
internal sealed class RuleNode : Node
{
    private readonly List<List<(Node? Through, int To)>> _edges = [];
    private readonly HashSet<int> _ends = [];

    /// <summary>Adds a place.</summary>
    public int Place()
    {
        _edges.Add([]);
        return _edges.Count - 1;
    }

    /// <summary>Adds a way from a place to another: through a node, or without taking anything.</summary>
    public void Way(int from, Node? through, int to) => _edges[from].Add((through, to));

    /// <summary>Says that the rule may end at a place.</summary>
    public void End(int place) => _ends.Add(place);

    /// <summary>The ways from a place.</summary>
    public IReadOnlyList<(Node? Through, int To)> Ways(int place) => _edges[place];

    /// <summary>Whether the rule may end at a place without taking more.</summary>
    public bool Ends(int place) => _ends.Contains(place);

    public override void Arrive(Frame frame, Arrivals to)
    {
        foreach ((Node? through, int next) in _edges[frame.At])
        {
            if (through is null)
            {
                to.Go(this, next, 0, null, frame.Parent);
            }
            else if (through.Possible)
            {
                // A rule at the end of another needs no frame to come back to: lists may be long.
                bool last = _ends.Contains(next) && _edges[next].Count == 0;
                to.Go(through, through.Start, 0, null, last ? frame.Parent : to.Later(this, next, 0, null, frame.Parent));
            }
        }

        if (_ends.Contains(frame.At))
        {
            to.Go(frame.Parent!);
        }
    }

    public override void Bytes(Frame frame, ref ByteSet bytes)
    {
        // Only the lexemes inside take bytes.
    }

    public override void Step(Frame frame, byte value, Arrivals to)
    {
        // Only the lexemes inside take bytes.
    }

    /// <summary>Whether an end can be reached through nodes that are possible.</summary>
    public override bool Decide()
    {
        var seen = new HashSet<int> { 0 };
        var open = new Stack<int>([0]);
        while (open.TryPop(out int place))
        {
            if (_ends.Contains(place))
            {
                return true;
            }

            foreach ((Node? through, int next) in _edges[place])
            {
                if (through is null or { Possible: true } && seen.Add(next))
                {
                    open.Push(next);
                }
            }
        }

        return false;
    }
}
