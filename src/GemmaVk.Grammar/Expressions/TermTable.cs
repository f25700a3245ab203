using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Grammar.Expressions;

/// <summary>Makes terms, each once, simplified as it is made. Not for several threads at once.</summary>
internal sealed partial class TermTable
{
    private const int LongestCount = 1 << 28;

    private readonly Dictionary<Key, Term> _terms = [];

    public TermTable()
    {
        Nothing = Make(TermKind.Nothing, null, [], 0, 0);
        Empty = Make(TermKind.Empty, null, [], 0, 0);
        Any = Make(TermKind.Set, CodeSet.All, [], 0, 0);
        Everything = Make(TermKind.Repeat, null, [Any], 0, Term.Unbounded);
    }

    public Term Nothing { get; }

    public Term Empty { get; }

    /// <summary>Any one character.</summary>
    public Term Any { get; }

    /// <summary>Any text.</summary>
    public Term Everything { get; }

    /// <summary>How many terms there are.</summary>
    public int Count => _terms.Count;

    public Term Set(CodeSet set) => set.IsEmpty ? Nothing : Make(TermKind.Set, set, [], 0, 0);

    public Term Char(int code) => Set(CodeSet.Of((code, code)));

    public Term Literal(string text) => Literal(text, 0, text.Length, Empty);

    public Term Concat(params ReadOnlySpan<Term> parts)
    {
        Term all = Empty;
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            all = Pair(parts[i], all);
        }

        return all;
    }

    public Term Or(params IEnumerable<Term> parts)
    {
        var kept = new HashSet<Term>();
        CodeSet set = CodeSet.None;
        foreach (Term part in parts.SelectMany(part => part.Kind == TermKind.Or ? part.Parts : [part]))
        {
            if (part == Everything)
            {
                return Everything;
            }

            if (part.Kind == TermKind.Set)
            {
                set = set.Union(part.Set!);
            }
            else if (!part.IsNothing)
            {
                kept.Add(part);
            }
        }

        if (!set.IsEmpty)
        {
            kept.Add(Set(set));
        }

        if (kept.Count > 1 && kept.Contains(Empty) && kept.Any(part => part != Empty && part.Nullable))
        {
            kept.Remove(Empty);
        }

        return kept.Count switch
        {
            0 => Nothing,
            1 => kept.First(),
            _ => Make(TermKind.Or, null, [.. kept.OrderBy(part => part.Id)], 0, 0),
        };
    }

    public Term And(params IEnumerable<Term> parts)
    {
        var kept = new HashSet<Term>();
        int min = 0;
        int max = Term.Unbounded;
        foreach (Term part in parts.SelectMany(part => part.Kind == TermKind.And ? part.Parts : [part]))
        {
            if (part.IsNothing)
            {
                return Nothing;
            }

            if (IsLength(part))
            {
                min = Math.Max(min, part == Empty ? 0 : part == Any ? 1 : part.Min);
                max = Math.Min(max, part == Empty ? 0 : part == Any ? 1 : part.Max);
            }
            else
            {
                kept.Add(part);
            }
        }

        if (min > max)
        {
            return Nothing;
        }

        // A length that the rest has anyway would only multiply states.
        min = kept.Count > 0 && kept.Max(part => part.Shortest) >= min ? 0 : min;
        max = kept.Count > 0 && kept.Min(part => part.Longest) <= max ? Term.Unbounded : max;
        if (kept.Count == 0 || min > 0 || max < Term.Unbounded)
        {
            kept.Add(Repeat(Any, min, max));
        }

        if (kept.Max(part => part.Shortest) > kept.Min(part => part.Longest))
        {
            return Nothing;
        }

        return kept.Count == 1 ? kept.First() : Make(TermKind.And, null, [.. kept.OrderBy(part => part.Id)], 0, 0);
    }

    public Term Not(Term part) => part.Kind == TermKind.Not ? part.Parts[0]
        : part.IsNothing ? Everything
        : part == Everything ? Nothing
        : Make(TermKind.Not, null, [part], 0, 0);

    public Term Optional(Term part) => Repeat(part, 0, 1);

    public Term Star(Term part) => Repeat(part, 0, Term.Unbounded);

    public Term Repeat(Term part, int min, int max)
    {
        if (part.Nullable)
        {
            min = 0;
        }

        if (max == 0 || part == Empty || (part.IsNothing && min == 0))
        {
            return Empty;
        }

        if (part.IsNothing)
        {
            return Nothing;
        }

        if (min == 1 && max == 1)
        {
            return part;
        }

        bool starOfStar = part.Kind == TermKind.Repeat && part.Max == Term.Unbounded && part.Min <= 1 && max == Term.Unbounded && min <= 1;
        return starOfStar ? Repeat(part.Parts[0], Math.Min(part.Min, min), Term.Unbounded) : Make(TermKind.Repeat, null, [part], min, max);
    }

    /// <summary>Decimal digits, at least one more, after which a value that leaves <paramref name="remainder"/> is a multiple of <paramref name="divisor"/>.</summary>
    public Term Digits(int divisor, int remainder) => Make(TermKind.Digits, null, [], divisor, remainder);

    /// <summary>Any of several texts, as a tree of their letters.</summary>
    public Term Texts(IEnumerable<string> texts)
    {
        int[][] sorted = [.. texts.Distinct().OrderBy(text => text, StringComparer.Ordinal).Select(text => text.EnumerateRunes().Select(rune => rune.Value).ToArray())];
        return Texts(sorted, 0);
    }

    internal static bool IsLength(Term term) =>
        term.Kind == TermKind.Empty || (term.Kind == TermKind.Set && term.Set!.Equals(CodeSet.All)) || (term.Kind == TermKind.Repeat && term.Parts[0].Kind == TermKind.Set && term.Parts[0].Set!.Equals(CodeSet.All));

    private Term Texts(ReadOnlySpan<int[]> texts, int depth)
    {
        var branches = new List<Term>();
        while (texts.Length > 0)
        {
            if (texts[0].Length == depth)
            {
                branches.Add(Empty);
                texts = texts[1..];
                continue;
            }

            // Order by UTF-16 differs from order by character above U+FFFF: groups are gathered, not assumed to be runs.
            int code = texts[0][depth];
            var group = new List<int[]>();
            var rest = new List<int[]>();
            foreach (int[] text in texts)
            {
                (text.Length > depth && text[depth] == code ? group : rest).Add(text);
            }

            branches.Add(group.Count == 1
                ? Concat([.. group[0].Skip(depth).Select(Char)])
                : Pair(Char(code), Texts([.. group], depth + 1)));
            texts = rest.ToArray();
        }

        return Or(branches);
    }

    private Term Literal(string text, int from, int to, Term tail)
    {
        var codes = new List<Term>();
        foreach (System.Text.Rune rune in text.AsSpan(from, to - from).EnumerateRunes())
        {
            codes.Add(Char(rune.Value));
        }

        codes.Add(tail);
        return Concat([.. codes]);
    }

    private Term Pair(Term left, Term right)
    {
        if (left.IsNothing || right.IsNothing)
        {
            return Nothing;
        }

        if (left == Empty)
        {
            return right;
        }

        if (right == Empty)
        {
            return left;
        }

        if (left == Everything && (right == Everything || (right.Kind == TermKind.Concat && right.Parts[0] == Everything)))
        {
            return right;
        }

        return left.Kind == TermKind.Concat
            ? Pair(left.Parts[0], Pair(left.Parts[1], right))
            : Make(TermKind.Concat, null, [left, right], 0, 0);
    }

    private Term Make(TermKind kind, CodeSet? set, Term[] parts, int min, int max)
    {
        var key = new Key(kind, set, parts, min, max);
        if (_terms.TryGetValue(key, out Term? known))
        {
            return known;
        }

        (bool nullable, int shortest, int longest, bool every) = Facts(kind, parts, min, max);
        bool logic = kind is TermKind.And or TermKind.Not or TermKind.Digits || parts.Any(part => part.HasLogic);
        var term = new Term(_terms.Count, kind, set, parts, min, max)
        {
            Nullable = nullable,
            HasLogic = logic,
            Shortest = shortest,
            Longest = longest,
            EveryLength = every,
            Live = nullable || !logic || kind == TermKind.Digits ? kind != TermKind.Nothing : LiveOf(kind, parts),
        };
        _terms.Add(key, term);
        return term;
    }
}
