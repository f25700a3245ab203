using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using GemmaVk.Grammar.Expressions;

namespace GemmaVk.Grammar.Gbnf;

/// <summary>
/// The notation of llama.cpp's grammars: <c>name ::= expression</c>, alternatives with |, texts in quotation marks, classes in brackets, a dot for any character,
/// groups, * + ? {m,n}, and # up to the end of a line. A rule ends with its line, unless a group is open or the next line goes on with |.
/// Source: llama.cpp, grammars/README.md.
/// </summary>
internal sealed class GbnfParser
{
    private const int MostDepth = 200;

    private readonly string _text;
    private readonly TermTable _terms;
    private int _at;
    private int _line = 1;
    private int _depth;

    private GbnfParser(string text, TermTable terms)
    {
        _text = text;
        _terms = terms;
    }

    /// <summary>The rules by name.</summary>
    /// <exception cref="GrammarException">What is wrong, and on which line.</exception>
    public static Dictionary<string, GbnfRule> Parse(string text, TermTable terms)
    {
        var parser = new GbnfParser(text, terms);
        var rules = new Dictionary<string, GbnfRule>();
        parser.Blanks(lines: true);
        while (parser._at < text.Length)
        {
            string name = parser.Name();
            parser.Blanks(lines: false);
            if (!text.AsSpan(parser._at).StartsWith("::="))
            {
                throw parser.Fault($"'::=' is missing behind {name}");
            }

            parser._at += 3;
            parser.Blanks(lines: true);
            GbnfRule rule = parser.Alternatives(nested: false);
            if (!rules.TryAdd(name, rule))
            {
                throw parser.Fault($"the rule {name} is defined twice");
            }

            parser.Blanks(lines: true);
        }

        return rules;
    }

    private GbnfRule Alternatives(bool nested)
    {
        if (++_depth > MostDepth)
        {
            throw Fault($"groups are nested more than {MostDepth} deep");
        }

        var ways = new List<GbnfRule> { Sequence(nested) };
        while (Bar(nested))
        {
            Blanks(lines: true);
            ways.Add(Sequence(nested));
        }

        _depth--;
        return ways.Count == 1 ? ways[0] : new GbnfRule.Choice(ways);
    }

    /// <summary>Whether another alternative follows, here or on the next line.</summary>
    private bool Bar(bool nested)
    {
        (int at, int line) = (_at, _line);
        Blanks(lines: true);
        if (_at < _text.Length && _text[_at] == '|')
        {
            _at++;
            return true;
        }

        (_at, _line) = nested ? (_at, _line) : (at, line);
        return false;
    }

    private GbnfRule Sequence(bool nested)
    {
        var parts = new List<GbnfRule>();
        while (true)
        {
            Blanks(nested);
            if (_at == _text.Length || _text[_at] is '|' or ')' or '\n' or '\r')
            {
                break;
            }

            parts.Add(Counted(Atom()));
        }

        return parts.Count == 1 ? parts[0] : new GbnfRule.Sequence(parts);
    }

    private GbnfRule Counted(GbnfRule part)
    {
        while (_at < _text.Length)
        {
            (int min, int max) = (-1, 0);
            switch (_text[_at])
            {
                case '*':
                    (min, max) = (0, Term.Unbounded);
                    break;
                case '+':
                    (min, max) = (1, Term.Unbounded);
                    break;
                case '?':
                    (min, max) = (0, 1);
                    break;
                case '{':
                    int close = _text.IndexOf('}', _at);
                    string[] bounds = close < 0 ? throw Fault("'{' is not closed") : _text[(_at + 1)..close].Split(',');
                    min = Number(bounds[0]);
                    max = bounds.Length == 1 ? min : bounds[1].Trim().Length == 0 ? Term.Unbounded : Number(bounds[1]);
                    if (bounds.Length > 2 || max < min)
                    {
                        throw Fault($"{_text[_at..(close + 1)]} is no count");
                    }

                    _at = close;
                    break;
            }

            if (min < 0)
            {
                return part;
            }

            _at++;
            part = part is GbnfRule.Text text ? new GbnfRule.Text(_terms.Repeat(text.Term, min, max)) : new GbnfRule.Times(part, min, max);
        }

        return part;
    }

    private int Number(string digits) => int.TryParse(digits.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= 100_000
        ? number : throw Fault($"'{digits.Trim()}' is no count up to 100000");

    private GbnfRule Atom()
    {
        char c = _text[_at];
        switch (c)
        {
            case '"':
                return Literal();
            case '[':
                return new GbnfRule.Text(_terms.Set(Class()));
            case '.':
                _at++;
                return new GbnfRule.Text(_terms.Any);
            case '(':
                _at++;
                GbnfRule inner = Alternatives(nested: true);
                return _at < _text.Length && _text[_at++] == ')' ? inner : throw Fault("'(' is not closed");
            default:
                return new GbnfRule.Reference(Name(), _line);
        }
    }

    private GbnfRule.Text Literal()
    {
        _at++;
        var codes = new List<Term>();
        while (_at < _text.Length && _text[_at] != '"')
        {
            codes.Add(_terms.Char(Code()));
        }

        return _at++ < _text.Length ? new GbnfRule.Text(_terms.Concat([.. codes])) : throw Fault("a text is not closed");
    }

    private CodeSet Class()
    {
        _at++;
        bool negated = _at < _text.Length && _text[_at] == '^';
        _at += negated ? 1 : 0;
        var ranges = new List<(int, int)>();
        while (_at < _text.Length && _text[_at] != ']')
        {
            int low = Code();
            int high = low;
            if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
            {
                _at++;
                high = Code();
            }

            ranges.Add(low <= high ? (low, high) : throw Fault("a range of a class runs backwards"));
        }

        if (_at++ >= _text.Length)
        {
            throw Fault("a class is not closed");
        }

        CodeSet set = CodeSet.Of(ranges);
        return negated ? set.Complement() : set;
    }

    private int Code()
    {
        if (_text[_at] != '\\')
        {
            Rune rune = Rune.TryGetRuneAt(_text, _at, out Rune found) ? found : throw Fault("a surrogate stands alone");
            _at += rune.Utf16SequenceLength;
            return rune.Value;
        }

        char c = _at + 1 < _text.Length ? _text[_at + 1] : throw Fault("it ends in a backslash");
        _at += 2;
        switch (c)
        {
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'x':
                return Hex(2);
            case 'u':
                return Hex(4);
            case 'U':
                return Hex(8);
            default:
                return c is '"' or '\\' or '[' or ']' or '-' or '^' ? c : throw Fault($"\\{c} is no escape");
        }
    }

    private int Hex(int digits)
    {
        bool fits = _at + digits <= _text.Length;
        if (!fits || !int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) || code is < 0 or > CodeSet.Last)
        {
            throw Fault($"an escape lacks its {digits} hexadecimal digits, or is no character");
        }

        _at += digits;
        return code;
    }

    private string Name()
    {
        int from = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '-' or '_'))
        {
            _at++;
        }

        return _at > from ? _text[from.._at] : throw Fault(_at < _text.Length ? $"'{_text[_at]}' was not expected" : "a rule is missing at the end");
    }

    private void Blanks(bool lines)
    {
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (c == '#')
            {
                while (_at < _text.Length && _text[_at] is not ('\n' or '\r'))
                {
                    _at++;
                }
            }
            else if (c is ' ' or '\t' || (lines && c is '\n' or '\r'))
            {
                _line += c == '\n' ? 1 : 0;
                _at++;
            }
            else
            {
                return;
            }
        }
    }

    private GrammarException Fault(string what) => new($"line {_line} of the grammar", "grammar", what);
}
