using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Grammar.Expressions;

/// <summary>Whether any text belongs to a term with intersections or complements: its states are visited, as many as are allowed.</summary>
internal sealed partial class TermTable
{
    /// <summary>Decides liveness of a term and of every state of logic it leads to.</summary>
    private void Follow(Term start, int most)
    {
        if (start.Live is not null && (!start.HasLogic || start.Edges is not null || start.Kind == TermKind.Digits))
        {
            return;
        }

        var order = new List<Term> { start };
        var index = new Dictionary<Term, int> { [start] = 0 };
        var before = new List<List<int>> { new() };
        var raw = new List<TermEdge[]>();
        int begun = _work;
        for (int i = 0; i < order.Count; i++)
        {
            if (_work - begun > MostWork)
            {
                throw new TooManyStatesException(order.Count);
            }

            Term term = order[i];
            if (LengthDecides(term) is { } decided)
            {
                term.Live = decided;
            }

            // Without logic every derivative that is not Nothing is live; and what is known needs no second visit.
            bool known = i > 0 && (term.Live == false || !term.HasLogic || term.Edges is not null);
            TermEdge[] edges = known || !term.HasLogic ? [] : RawEdges(term);
            raw.Add(edges);
            foreach (TermEdge edge in edges)
            {
                if (!index.TryGetValue(edge.Next, out int at))
                {
                    at = order.Count;
                    if (at >= most)
                    {
                        throw new TooManyStatesException(most);
                    }

                    index.Add(edge.Next, at);
                    order.Add(edge.Next);
                    before.Add([]);
                }

                before[at].Add(i);
            }
        }

        var alive = new Stack<int>(Enumerable.Range(0, order.Count).Where(i => order[i].Live == true));
        while (alive.TryPop(out int i))
        {
            foreach (int from in before[i].Where(from => order[from].Live is null))
            {
                order[from].Live = true;
                alive.Push(from);
            }
        }

        for (int i = 0; i < order.Count; i++)
        {
            order[i].Live ??= false;
        }

        for (int i = 0; i < raw.Count; i++)
        {
            if (order[i].Edges is null && order[i].HasLogic && raw[i].Length > 0)
            {
                order[i].Edges = [.. raw[i].Where(edge => edge.Next.Live == true)];
            }
        }
    }

    /// <summary>Of one expression and a length, where arithmetic answers what states would.</summary>
    private static bool? LengthDecides(Term term)
    {
        if (term.Kind != TermKind.And || term.Parts.Length != 2)
        {
            return null;
        }

        (Term length, Term other) = IsLength(term.Parts[0]) ? (term.Parts[0], term.Parts[1]) : (term.Parts[1], term.Parts[0]);
        if (!IsLength(length) || other.HasLogic)
        {
            return null;
        }

        if (other.Shortest > length.Longest || other.Longest < length.Shortest)
        {
            return false;
        }

        return other.Shortest >= length.Shortest || other.EveryLength ? true : null;
    }

    /// <summary>Whether <see cref="LengthDecides"/> answers for a term and for all that follows it: then counts may be large, because nobody has to visit them.</summary>
    private bool LengthAlwaysDecides(Term term)
    {
        if (LengthDecides(term) is null)
        {
            return false;
        }

        (Term length, Term other) = IsLength(term.Parts[0]) ? (term.Parts[0], term.Parts[1]) : (term.Parts[1], term.Parts[0]);
        if (length.Shortest == 0)
        {
            // Only too long can be wrong, and the shortest text decides that.
            return true;
        }

        var seen = new HashSet<Term> { other };
        var open = new Stack<Term>([other]);
        while (open.TryPop(out Term? at))
        {
            if (!at.EveryLength || seen.Count > MostStates)
            {
                return false;
            }

            foreach (TermEdge edge in Edges(at))
            {
                if (seen.Add(edge.Next))
                {
                    open.Push(edge.Next);
                }
            }
        }

        return true;
    }
}
