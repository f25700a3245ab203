using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace GemmaVk.Text;

/// <summary>Where an added token stands in a text, the white space that it takes along included.</summary>
internal sealed record AddedMatch(int Start, int End, int Id);

/// <summary>
/// Finds added tokens in a text: first those that stand in it as it came, then, in what is left, the normalised ones, with spaces as
/// U+2581. The leftmost counts, and of several at one place the longest. Control tokens count only inside the ranges of the template;
/// elsewhere their spelling is passed over as text. Source: the published "tokenizers" library, added_vocabulary.rs.
/// </summary>
internal sealed class AddedTokens
{
    private const char Space = '\u2581';
    private readonly Spellings _raw;
    private readonly Spellings _normalized;

    public AddedTokens(IReadOnlyCollection<AddedToken> tokens)
    {
        _raw = new Spellings(tokens.Where(token => !token.Normalized).Select(token => (token.Text, token)));
        _normalized = new Spellings(tokens.Where(token => token.Normalized).Select(token => (token.Text.Replace(' ', Space), token)));
    }

    /// <summary>All that are found, in order.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ranges">Where control tokens count: ascending, disjoint.</param>
    public List<AddedMatch> Find(ReadOnlySpan<char> text, ReadOnlySpan<ControlRange> ranges)
    {
        List<AddedMatch> found = [];
        if (!_raw.OnlyControl)
        {
            Scan(text, 0, text.Length, ranges, _raw, found);
        }
        else
        {
            // The usual file: nothing outside the template can match.
            foreach (ControlRange range in ranges)
            {
                Scan(text, 0, text.Length, [range], _raw, found, range.Start, range.End);
            }
        }

        return _normalized.IsEmpty ? found : WithNormalized(text, ranges, found);
    }

    private List<AddedMatch> WithNormalized(ReadOnlySpan<char> text, ReadOnlySpan<ControlRange> ranges, List<AddedMatch> raw)
    {
        char[] normalized = text.ToArray();
        normalized.AsSpan().Replace(' ', Space);
        List<AddedMatch> all = [];
        int done = 0;
        foreach (AddedMatch match in raw.Append(new AddedMatch(text.Length, text.Length, -1)))
        {
            if (match.Start > done)
            {
                Scan(normalized, done, match.Start, ranges, _normalized, all);
            }

            if (match.Id >= 0)
            {
                all.Add(match);
            }

            done = match.End;
        }

        return all;
    }

    /// <summary>Looks through text[first..end], which is one piece: its ends count as the ends of the text.</summary>
    private void Scan(
        ReadOnlySpan<char> text, int first, int end, ReadOnlySpan<ControlRange> ranges, Spellings spellings, List<AddedMatch> found, int from = -1, int to = -1)
    {
        int at = from < 0 ? first : from;
        int last = to < 0 ? end : to;
        int done = found.Count > 0 ? Math.Max(first, found[^1].End) : first;
        while (at < last)
        {
            int skip = text[at..last].IndexOfAny(spellings.FirstCharacters);
            if (skip < 0)
            {
                return;
            }

            at += skip;
            ControlRange range = RangeAt(ranges, at);
            bool inTemplate = range.Start <= at;

            // What a caller writes must not swallow the control token that the template writes next.
            int limit = !inTemplate && range.Start < last && _raw.Longest(text[range.Start..last]) is { IsControl: true } ? range.Start : last;
            if (spellings.Longest(text[at..limit]) is not { } token)
            {
                at++;
                continue;
            }

            int close = at + token.Text.Length;
            if (token.IsControl && !(inTemplate && close <= range.End))
            {
                at = inTemplate ? at + 1 : Math.Min(close, Math.Max(at + 1, range.Start));
                continue;
            }

            if (!token.SingleWord || !(IsWordBefore(text, first, at) || IsWordAt(text, close, end)))
            {
                int start = token.LStrip ? Math.Max(done, SpaceBefore(text, first, at)) : at;
                int stop = token.RStrip ? SpaceBehind(text, close, end) : close;
                found.Add(new AddedMatch(start, stop, token.Id));
                done = stop;
            }

            at = close;
        }
    }

    /// <summary>The range that holds a position, or the next one behind it, or one behind everything.</summary>
    private static ControlRange RangeAt(ReadOnlySpan<ControlRange> ranges, int at)
    {
        int low = 0, high = ranges.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = ranges[middle].End <= at ? (middle + 1, high) : (low, middle);
        }

        return low < ranges.Length ? ranges[low] : new ControlRange(int.MaxValue, int.MaxValue);
    }

    private static int SpaceBefore(ReadOnlySpan<char> text, int first, int at)
    {
        while (at > first && char.IsWhiteSpace(text[at - 1]))
        {
            at--;
        }

        return at;
    }

    private static int SpaceBehind(ReadOnlySpan<char> text, int at, int end)
    {
        while (at < end && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    private static bool IsWordBefore(ReadOnlySpan<char> text, int first, int at)
    {
        Rune.DecodeLastFromUtf16(text[first..at], out Rune rune, out _);
        return at > first && IsWord(rune);
    }

    private static bool IsWordAt(ReadOnlySpan<char> text, int at, int end)
    {
        Rune.DecodeFromUtf16(text[at..end], out Rune rune, out _);
        return at < end && IsWord(rune);
    }

    /// <summary>The class \w of the published library: letters, marks, digits, connectors and joiners.</summary>
    private static bool IsWord(Rune rune) => rune.Value is 0x200C or 0x200D
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;

    /// <summary>Tokens by spelling, the longest first.</summary>
    private sealed class Spellings
    {
        private readonly Dictionary<string, AddedToken> _tokens = [];
        private readonly Dictionary<string, AddedToken>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
        private readonly int[] _lengths;

        public Spellings(IEnumerable<(string Spelling, AddedToken Token)> tokens)
        {
            foreach ((string spelling, AddedToken token) in tokens)
            {
                // Two that become alike once normalised: the first counts.
                _tokens.TryAdd(spelling, token);
            }

            _bySpan = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();
            _lengths = [.. _tokens.Keys.Select(spelling => spelling.Length).Distinct().OrderDescending()];
            FirstCharacters = SearchValues.Create(string.Concat(_tokens.Keys.Select(spelling => spelling[0]).Distinct()));
            OnlyControl = _tokens.Values.All(token => token.IsControl && !token.LStrip && !token.RStrip);
        }

        public bool IsEmpty => _tokens.Count == 0;

        public bool OnlyControl { get; }

        public SearchValues<char> FirstCharacters { get; }

        /// <summary>The longest token at the start of a text.</summary>
        public AddedToken? Longest(ReadOnlySpan<char> text)
        {
            foreach (int length in _lengths)
            {
                if (length <= text.Length && _bySpan.TryGetValue(text[..length], out AddedToken? token))
                {
                    return token;
                }
            }

            return null;
        }
    }
}
