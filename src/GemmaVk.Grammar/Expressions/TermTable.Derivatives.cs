using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Grammar.Expressions;

/// <summary>Where a character leads from a term, and whether anything can still follow.</summary>
internal sealed partial class TermTable
{
    private static readonly CodeSet[] DigitSets = [.. Enumerable.Range('0', 10).Select(digit => CodeSet.Of((digit, digit)))];

    /// <summary>The live edges of a term, ascending; a character in none of them cannot follow.</summary>
    /// <exception cref="TooManyStatesException">Logic whose end was not followed beforehand needs more states than allowed.</exception>
    public TermEdge[] Edges(Term term)
    {
        if (term.Edges is { } known)
        {
            return known;
        }

        TermEdge[] edges = RawEdges(term);
        foreach (TermEdge edge in edges)
        {
            edge.Next.Live ??= LengthDecides(edge.Next);
            if (edge.Next.Live is null)
            {
                Follow(edge.Next, MostStates);
            }
        }

        term.Edges = [.. edges.Where(edge => edge.Next.Live == true)];
        return term.Edges;
    }

    /// <summary>Most states of logic that one expression may need.</summary>
    public int MostStates { get; init; } = 6000;

    /// <summary>Most derivatives taken to follow one expression: bounds the time where states are few but large.</summary>
    private const int MostWork = 60_000;

    private int _work;

    /// <summary>Whether a text belongs to a term.</summary>
    public bool Matches(Term term, string text)
    {
        foreach (System.Text.Rune rune in text.EnumerateRunes())
        {
            term = Derive(term, rune.Value);
            if (term.IsNothing)
            {
                return false;
            }
        }

        return term.Nullable;
    }

    /// <summary>Whether any text belongs to a term. Visits every state that logic can reach, so that later questions are answered.</summary>
    /// <exception cref="TooManyStatesException">There are more than <see cref="MostStates"/>.</exception>
    public bool IsLive(Term term)
    {
        if (term.HasLogic && !LengthAlwaysDecides(term))
        {
            Follow(term, MostStates);
        }

        term.Live ??= LengthDecides(term);
        return term.Live == true;
    }

    public Term Derive(Term term, int code)
    {
        _work++;
        switch (term.Kind)
        {
            case TermKind.Set:
                return term.Set!.Contains(code) ? Empty : Nothing;
            case TermKind.Concat:
                Term left = Pair(Derive(term.Parts[0], code), term.Parts[1]);
                return term.Parts[0].Nullable ? Or(left, Derive(term.Parts[1], code)) : left;
            case TermKind.Or:
                return Or(term.Parts.Select(part => Derive(part, code)));
            case TermKind.And:
                var parts = new Term[term.Parts.Length];
                for (int i = 0; i < parts.Length; i++)
                {
                    parts[i] = Derive(term.Parts[i], code);
                    if (parts[i].IsNothing)
                    {
                        return Nothing;
                    }
                }

                return And(parts);
            case TermKind.Not:
                return Not(Derive(term.Parts[0], code));
            case TermKind.Repeat:
                int max = term.Max == Term.Unbounded ? Term.Unbounded : term.Max - 1;
                return Pair(Derive(term.Parts[0], code), Repeat(term.Parts[0], Math.Max(term.Min - 1, 0), max));
            case TermKind.Digits:
                if (code is < '0' or > '9')
                {
                    return Nothing;
                }

                int rest = (int)((((long)term.Max * 10) + (code - '0')) % term.Min);
                return rest == 0 ? Optional(Digits(term.Min, 0)) : Digits(term.Min, rest);
            default:
                return Nothing;
        }
    }

    private TermEdge[] RawEdges(Term term)
    {
        var cuts = new SortedSet<int> { 0 };
        Cuts(term, cuts);
        cuts.Remove(CodeSet.Last + 1);
        var edges = new List<TermEdge>();
        int[] starts = [.. cuts];
        for (int i = 0; i < starts.Length; i++)
        {
            int high = i + 1 < starts.Length ? starts[i + 1] - 1 : CodeSet.Last;
            Term next = Derive(term, starts[i]);
            if (next.IsNothing)
            {
                continue;
            }

            if (edges.Count > 0 && edges[^1].High + 1 == starts[i] && edges[^1].Next == next)
            {
                edges[^1] = edges[^1] with { High = high };
            }
            else
            {
                edges.Add(new TermEdge(starts[i], high, next));
            }
        }

        return [.. edges];
    }

    /// <summary>Where the derivative can change: the bounds of the sets that a text may begin with.</summary>
    private static void Cuts(Term term, SortedSet<int> cuts)
    {
        switch (term.Kind)
        {
            case TermKind.Set:
                Cut(term.Set!, cuts);
                break;
            case TermKind.Digits:
                foreach (CodeSet digit in DigitSets)
                {
                    Cut(digit, cuts);
                }

                break;
            case TermKind.Concat:
                Cuts(term.Parts[0], cuts);
                if (term.Parts[0].Nullable)
                {
                    Cuts(term.Parts[1], cuts);
                }

                break;
            default:
                foreach (Term part in term.Parts)
                {
                    Cuts(part, cuts);
                }

                break;
        }
    }

    private static void Cut(CodeSet set, SortedSet<int> cuts)
    {
        foreach ((int low, int high) in set.Ranges())
        {
            cuts.Add(low);
            cuts.Add(high + 1);
        }
    }

    /// <summary>
    /// A term that takes the same texts of up to some characters, without bounds that those cannot reach. Bounds on the whole length are left out too: then
    /// <paramref name="longest"/> says how many characters may at most be needed to end on the way.
    /// </summary>
    public Term Relax(Term term, int characters, out int longest)
    {
        longest = Term.Unbounded;
        if (term.Kind == TermKind.And && term.Parts.Length == 2)
        {
            (Term length, Term other) = IsLength(term.Parts[0]) ? (term.Parts[0], term.Parts[1]) : (term.Parts[1], term.Parts[0]);
            if (IsLength(length) && length.Shortest == 0 && !other.HasLogic && length.Longest - characters >= other.Shortest)
            {
                longest = length.Longest - characters;
                term = other;
            }
        }

        return term.HasLogic ? term : Uncount(term, characters);
    }

    private Term Uncount(Term term, int characters) => term.Kind switch
    {
        TermKind.Concat => Pair(Uncount(term.Parts[0], characters), Uncount(term.Parts[1], characters)),
        TermKind.Or => Or(term.Parts.Select(part => Uncount(part, characters))),
        // One more than fit may be begun.
        TermKind.Repeat => Repeat(Uncount(term.Parts[0], characters), term.Min, term.Max > characters / Math.Max(term.Parts[0].Shortest, 1) ? Term.Unbounded : term.Max),
        _ => term,
    };
}
