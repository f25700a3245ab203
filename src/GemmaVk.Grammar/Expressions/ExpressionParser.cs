using System;
using System.Collections.Generic;
using System.Globalization;

namespace GemmaVk.Grammar.Expressions;

/// <summary>
/// Regular expressions in ECMAScript's syntax, as JSON Schema asks for, as far as they are regular: groups, alternatives, classes, counts,
/// anchors, \d \w \s (ASCII digits and letters; \s with Unicode's blanks), \p{…} by general category, escapes. Look-around, back-references,
/// word boundaries and inline flags are refused. Lazy counts mean the same language. Source: ECMA-262, 22.2.
/// Engines differ in corners (digits and letters beyond ASCII, an end of line before $, characters above U+FFFF as two), so there are
/// more readings than ECMAScript's own.
/// </summary>
internal sealed partial class ExpressionParser
{
    private const int MostDepth = 200;
    private const int MostLength = 20_000;

    private readonly string _text;
    private readonly TermTable _terms;
    private readonly Reading _reading;
    private bool _inNegated;
    private int _at;
    private int _depth;

    private ExpressionParser(string text, TermTable terms, Reading reading)
    {
        _text = text;
        _terms = terms;
        _reading = reading;
    }

    /// <summary>Parses an expression.</summary>
    /// <exception cref="FormatException">What cannot be held, as a sentence without the place.</exception>
    public static Pattern Parse(string text, TermTable terms, Reading reading)
    {
        if (text.Length > MostLength)
        {
            throw new FormatException($"the expression has {text.Length} characters; at most {MostLength} are taken");
        }

        var parser = new ExpressionParser(text, terms, reading);
        Pattern pattern = parser.Alternatives();
        return parser._at == text.Length ? pattern : throw parser.Fault("')' closes nothing");
    }

    private Pattern Alternatives()
    {
        if (++_depth > MostDepth)
        {
            throw Fault($"groups are nested more than {MostDepth} deep");
        }

        var ways = new List<Pattern> { Sequence() };
        while (Take('|'))
        {
            ways.Add(Sequence());
        }

        _depth--;
        return ways.Count == 1 ? ways[0] : new Pattern.Choice([.. ways]);
    }

    private Pattern Sequence()
    {
        var parts = new List<Pattern>();
        while (_at < _text.Length && _text[_at] is not ('|' or ')'))
        {
            parts.Add(Counted(Atom()));
        }

        return parts.Count == 1 ? parts[0] : new Pattern.Sequence([.. parts]);
    }

    private Pattern Counted(Pattern part)
    {
        (int min, int max) = (_at < _text.Length ? _text[_at] : '\0') switch
        {
            '*' => (0, Term.Unbounded),
            '+' => (1, Term.Unbounded),
            '?' => (0, 1),
            '{' when Braces() is { } count => count,
            _ => (-1, 0),
        };
        if (min < 0)
        {
            return Once(part);
        }

        _at = _text[_at] == '{' ? _text.IndexOf('}', _at) + 1 : _at + 1;
        Take('?');
        if (_at < _text.Length && _text[_at] is '*' or '+' or '?')
        {
            throw Fault($"'{_text[_at]}' follows another count");
        }

        if (max != Term.Unbounded)
        {
            part = Once(part);
        }

        return part is Pattern.Leaf leaf ? new Pattern.Leaf(_terms.Repeat(leaf.Term, min, max)) : new Pattern.Times(part, min, max);
    }

    /// <summary>
    /// A class where its matches are counted. Engines of UTF-16 count a character above U+FFFF twice: the narrow reading lets a class that has
    /// such characters by being the rest of others go without them.
    /// </summary>
    private Pattern Once(Pattern part) =>
        _reading == Reading.Narrow && part is Pattern.Leaf { Term: { Kind: TermKind.Set, Set: { } set } } && set.Contains(0x1F600) && set.Contains(0x10FFFF)
            ? Leaf(set.Except(CharacterClasses.Astral)) : part;

    private (int Min, int Max)? Braces()
    {
        int close = _text.IndexOf('}', _at);
        if (close < 0)
        {
            return null;
        }

        string[] bounds = _text[(_at + 1)..close].Split(',');
        if (bounds.Length > 2 || !int.TryParse(bounds[0], NumberStyles.None, CultureInfo.InvariantCulture, out int min))
        {
            // Without a number it is a brace.
            return bounds.Length <= 2 && bounds[0].Length > 0 && IsDigits(bounds[0]) ? throw Fault($"the count {bounds[0]} is too large") : null;
        }

        int max = min;
        if (bounds.Length == 2)
        {
            max = bounds[1].Length == 0 ? Term.Unbounded
                : int.TryParse(bounds[1], NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given
                : throw Fault($"'{bounds[1]}' is no count");
        }

        return min <= max ? (min, max) : throw Fault($"the count {{{min},{max}}} runs backwards");
    }

    private Pattern Atom()
    {
        char c = _text[_at++];
        switch (c)
        {
            case '^':
                return new Pattern.Anchor(End: false);
            case '$':
                // Some engines let $ stand before a last end of line.
                return new Pattern.Anchor(End: true, _reading == Reading.Wide ? _terms.Optional(_terms.Char('\n')) : null);
            case '(':
                return Group();
            case '.':
                return Leaf(_reading == Reading.Wide ? CharacterClasses.WideDot : CharacterClasses.Dot);
            case '[':
                return Leaf(Class());
            case '\\':
                return Escape();
            case '*' or '+' or '?':
                throw Fault($"'{c}' has nothing before it");
            default:
                _at--;
                return Leaf(One(Rune()));
        }
    }

    private Pattern Group()
    {
        if (Take('?') && !Take(':'))
        {
            string rest = _text[_at..];
            if (rest is ['<', not ('=' or '!'), ..] or ['P', '<', ..] && rest.IndexOf('>', StringComparison.Ordinal) is > 0 and int close)
            {
                _at += close + 1;
            }
            else
            {
                throw Fault(rest is ['=' or '!', ..] or ['<', '=' or '!', ..]
                    ? "look-around is no regular expression that an automaton over bytes could hold; write what is allowed instead"
                    : "this kind of group is not taken; use (?:…)");
            }
        }

        Pattern inner = Alternatives();
        return Take(')') ? inner : throw Fault("a group is not closed");
    }

    private Pattern Escape()
    {
        char c = _at < _text.Length ? _text[_at] : throw Fault("it ends in a backslash");
        switch (c)
        {
            case 'b' or 'B':
                throw Fault($"the word boundary \\{c} is not taken; write the characters around it");
            case >= '1' and <= '9' or 'k':
                throw Fault("back-references are not regular; write what they repeat");
            case 'A' or 'z' or 'Z' or 'G':
                throw Fault($"\\{c} is not of JSON Schema's syntax; use ^ and $");
            default:
                return Leaf(EscapedSet());
        }
    }

    private static CodeSet One(int code) => CodeSet.Of((code, code));

    private static CodeSet Signed(CodeSet set, bool negated) => negated ? set.Complement() : set;

    /// <summary>A set that engines differ on, or the rest of it: what all hold in it, or any.</summary>
    private CodeSet Signed(CodeSet narrow, CodeSet wide, bool negated) => Signed(
        _reading != Reading.Exact && (_reading == Reading.Wide) != (negated != _inNegated) ? wide : narrow, negated);

    private static bool IsDigits(string text) => text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;

    private Pattern.Leaf Leaf(CodeSet set) => new(_terms.Set(set));

    private bool Take(char c)
    {
        bool there = _at < _text.Length && _text[_at] == c;
        _at += there ? 1 : 0;
        return there;
    }

    private FormatException Fault(string what) => new($"{what} (at character {_at} of \"{(_text.Length > 80 ? _text[..80] + "…" : _text)}\")");
}
