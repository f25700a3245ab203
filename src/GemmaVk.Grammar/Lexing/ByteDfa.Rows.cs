using System;
using GemmaVk.Grammar.Expressions;

namespace GemmaVk.Grammar.Lexing;

/// <summary>One row: how the bytes of UTF-8 and of JSON's escapes spell the edges of a term. Source: RFC 3629; RFC 8259, section 7.</summary>
internal sealed partial class ByteDfa
{
    private void Fill(in Spot spot, int[] row)
    {
        switch (spot.Kind)
        {
            case SpotKind.Open:
                row[Spelling == Spelling.Call ? QuoteToken : '"'] = IdOf(spot with { Kind = SpotKind.Body });
                break;
            case SpotKind.Body:
                FillBody(spot.Term, row);
                break;
            case SpotKind.Tail:
                int tail = IdOf(spot.Left == 1 ? new Spot(SpotKind.Body, spot.Term) : spot with { Left = spot.Left - 1 });
                row.AsSpan(0x80, 0x40).Fill(tail);
                break;
            case SpotKind.Partial:
                for (int value = 0x80; value < 0xC0; value++)
                {
                    row[value] = Sequence(spot.Term, (spot.Value << 6) | (value & 0x3F), spot.Left - 1, spot.Extra);
                }

                break;
            case SpotKind.Escape:
                FillEscape(spot.Term, row);
                break;
            case SpotKind.Hex or SpotKind.HexTail or SpotKind.PairHex:
                for (int digit = 0; digit < 16; digit++)
                {
                    int next = Digit(spot, digit);
                    row["0123456789abcdef"[digit]] = next;
                    row["0123456789ABCDEF"[digit]] = next;
                }

                break;
            case SpotKind.PairSlash:
                row['\\'] = IdOf(spot with { Kind = SpotKind.PairU });
                break;
            case SpotKind.PairU:
                row['u'] = IdOf(spot with { Kind = SpotKind.PairHex, Value = 0, Left = 4 });
                break;
        }
    }

    private void FillBody(Term term, int[] row)
    {
        TermEdge[] edges = _terms.Edges(term);
        foreach (TermEdge edge in edges)
        {
            if (edge.Low > 0x7F)
            {
                break;
            }

            int next = IdOf(new Spot(SpotKind.Body, edge.Next));
            for (int code = Math.Max(edge.Low, Spelling == Spelling.Json ? 0x20 : 0); code <= Math.Min(edge.High, 0x7F); code++)
            {
                if (Spelling != Spelling.Json || code is not ('"' or '\\'))
                {
                    row[code] = next;
                }
            }
        }

        if (edges.Length > 0 && edges[^1].High > 0x7F)
        {
            for (int lead = 0xC2; lead <= 0xF4; lead++)
            {
                (int value, int left) = lead < 0xE0 ? (lead & 0x1F, 1) : lead < 0xF0 ? (lead & 0x0F, 2) : (lead & 0x07, 3);
                row[lead] = Sequence(term, value, left, left + 1);
            }
        }

        if (Spelling == Spelling.Call)
        {
            row[QuoteToken] = term.Nullable ? IdOf(new Spot(SpotKind.Closed, _terms.Empty)) : Dead;
        }

        if (Spelling == Spelling.Json)
        {
            row['\\'] = AnyEscaped(term, 0, CodeSet.Last) ? IdOf(new Spot(SpotKind.Escape, term)) : Dead;
            row['"'] = term.Nullable ? IdOf(new Spot(SpotKind.Closed, _terms.Empty)) : Dead;
        }
    }

    /// <summary>The state inside a UTF-8 sequence of some bytes, of which <paramref name="left"/> are to come.</summary>
    private int Sequence(Term term, int value, int left, int length)
    {
        int low = value << (6 * left);
        int high = low | ((1 << (6 * left)) - 1);
        (int least, int most) = length switch { 2 => (0x80, 0x7FF), 3 => (0x800, 0xFFFF), _ => (0x10000, CodeSet.Last) };
        bool clipped = low < least || high > most || (low <= 0xDFFF && high >= 0xD800);
        (low, high) = (Math.Max(low, least), Math.Min(high, most));
        Term? only = Only(term, low, high, out bool any);
        if (left == 0)
        {
            return only is null || clipped ? Dead : IdOf(new Spot(SpotKind.Body, only));
        }

        return only is not null && !clipped ? IdOf(new Spot(SpotKind.Tail, only, 0, left))
            : any ? IdOf(new Spot(SpotKind.Partial, term, value, left, length)) : Dead;
    }

    /// <summary>The term that all characters of a range lead to, or null; and whether any leads somewhere.</summary>
    private Term? Only(Term term, int low, int high, out bool any)
    {
        any = false;
        if (low >= 0xD800 && high <= 0xDFFF)
        {
            return null;
        }

        foreach (TermEdge edge in _terms.Edges(term))
        {
            if (edge.Low <= low && edge.High >= high && low <= high)
            {
                any = true;
                return edge.Next;
            }

            // The surrogates alone are nothing that a sequence could end in.
            (int from, int to) = (Math.Max(edge.Low, low), Math.Min(edge.High, high));
            any |= from <= to && !(from >= 0xD800 && to <= 0xDFFF);
        }

        return null;
    }

    private void FillEscape(Term term, int[] row)
    {
        foreach ((char letter, char code) in (ReadOnlySpan<(char, char)>)[('"', '"'), ('\\', '\\'), ('/', '/'), ('b', '\b'), ('f', '\f'), ('n', '\n'), ('r', '\r'), ('t', '\t')])
        {
            row[letter] = Only(term, code, code, out _) is { } next ? IdOf(new Spot(SpotKind.Body, next)) : Dead;
        }

        row['u'] = IdOf(new Spot(SpotKind.Hex, term, 0, 4));
    }

    private int Digit(in Spot spot, int digit)
    {
        int left = spot.Left - 1;
        if (spot.Kind == SpotKind.HexTail)
        {
            return IdOf(left == 0 ? new Spot(SpotKind.Body, spot.Term) : spot with { Left = left });
        }

        int value = (spot.Value << 4) | digit;
        int low = value << (4 * left);
        int high = low | ((1 << (4 * left)) - 1);
        if (spot.Kind == SpotKind.PairHex)
        {
            (low, high) = (Math.Max(low, 0xDC00), Math.Min(high, 0xDFFF));
            if (low > high)
            {
                return Dead;
            }

            Term? only = Only(spot.Term, Pair(spot.Extra, low), Pair(spot.Extra, high), out bool some);
            return left > 0 ? (some ? IdOf(spot with { Value = value, Left = left }) : Dead)
                : only is null ? Dead : IdOf(new Spot(SpotKind.Body, only));
        }

        if (left == 0 && value is >= 0xD800 and <= 0xDFFF)
        {
            return value < 0xDC00 && Pairs(spot.Term, value, value) ? IdOf(new Spot(SpotKind.PairSlash, spot.Term, 0, 0, value)) : Dead;
        }

        Term? next = Only(spot.Term, low, high, out _);
        bool any = AnyEscaped(spot.Term, low, high);
        bool surrogates = low <= 0xDFFF && high >= 0xD800;
        if (left == 0 && !any)
        {
            return Dead;
        }

        if (next is not null && !surrogates && (low > 0x7F || left == 0))
        {
            return IdOf(left == 0 ? new Spot(SpotKind.Body, next) : new Spot(SpotKind.HexTail, next, 0, left));
        }

        any |= surrogates && Pairs(spot.Term, Math.Max(low, 0xD800), Math.Min(high, 0xDBFF));
        return any && left > 0 ? IdOf(spot with { Value = value, Left = left }) : Dead;
    }

    /// <summary>
    /// Whether a character of a range may follow that is ever written as \uXXXX. No writer spells letters, digits and most marks so; a model that may would only
    /// lose its way, and what must be written could not be foreseen.
    /// </summary>
    private bool AnyEscaped(Term term, int low, int high)
    {
        foreach (TermEdge edge in _terms.Edges(term))
        {
            (int from, int to) = (Math.Max(edge.Low, low), Math.Min(edge.High, high));
            if (Math.Max(from, 0x7F) <= to && !(Math.Max(from, 0x7F) >= 0xD800 && to <= 0xDFFF))
            {
                return true;
            }

            for (int code = from; code <= Math.Min(to, 0x7E); code++)
            {
                if (code < ' ' || "\"\\/&'+<=>`".Contains((char)code))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether a surrogate pair with a first half of a range spells a character that may follow.</summary>
    private bool Pairs(Term term, int low, int high)
    {
        if (low > high)
        {
            return false;
        }

        _ = Only(term, Pair(low, 0xDC00), Pair(high, 0xDFFF), out bool any);
        return any;
    }

    private static int Pair(int high, int low) => 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}
