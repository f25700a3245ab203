using System;
using System.Collections.Generic;
using System.Globalization;

namespace GemmaVk.Grammar.Expressions;

/// <summary>Classes in brackets, escapes, and single characters.</summary>
internal sealed partial class ExpressionParser
{
    private CodeSet Class()
    {
        bool negated = _inNegated = Take('^');
        int from = _at;
        CodeSet all = CodeSet.None;
        var singles = new List<(int, int)>();
        while (!Take(']'))
        {
            if (_at == _text.Length)
            {
                throw Fault("a class is not closed");
            }

            CodeSet low = ClassPart();
            bool range = low.Count == 1 && low[0].Low == low[0].High && _at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']';
            if (!range)
            {
                all = low.Count == 1 ? all : all.Union(low);
                if (low.Count == 1)
                {
                    singles.Add(low[0]);
                }

                continue;
            }

            int dash = _at++;
            CodeSet high = ClassPart();
            if (high.Count != 1 || high[0].Low != high[0].High)
            {
                // As in [\w-x]: beside a set a dash is a dash.
                singles.Add(low[0]);
                singles.Add(('-', '-'));
                all = all.Union(high);
            }
            else if (high[0].Low < low[0].Low)
            {
                _at = dash;
                throw Fault("a range of a class runs backwards");
            }
            else
            {
                singles.Add((low[0].Low, high[0].Low));
            }
        }

        _inNegated = false;
        all = HasBoth(_text.AsSpan(from, _at - from)) ? CodeSet.All : all.Union(CodeSet.Of(singles));
        return negated ? all.Complement() : all;
    }

    /// <summary>Whether a class holds a named set and the rest of it, as [\s\S]: then it is everything in any reading.</summary>
    private static bool HasBoth(ReadOnlySpan<char> text)
    {
        int met = 0;
        for (int i = 0; i + 1 < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
                met |= "dDwWsS".IndexOf(text[i], StringComparison.Ordinal) is >= 0 and int kind ? 1 << kind : 0;
            }
        }

        return (met & (met >> 1) & 0b010101) != 0;
    }

    private CodeSet ClassPart()
    {
        if (_text[_at] != '\\')
        {
            return One(Rune());
        }

        _at++;
        if (_at < _text.Length && _text[_at] == 'b')
        {
            _at++;
            return One('\b');
        }

        return _at < _text.Length ? EscapedSet() : throw Fault("it ends in a backslash");
    }

    private CodeSet EscapedSet()
    {
        char c = _text[_at++];
        switch (c)
        {
            case 'd' or 'D':
                return Signed(CharacterClasses.Digit, CharacterClasses.WideDigit, c == 'D');
            case 'w' or 'W':
                return Signed(CharacterClasses.Word, CharacterClasses.WideWord, c == 'W');
            case 's' or 'S':
                return Signed(CharacterClasses.Blank, CharacterClasses.WideBlank, c == 'S');
            case 'p' or 'P':
                return Signed(Property(), c == 'P');
            case 'n':
                return One('\n');
            case 'r':
                return One('\r');
            case 't':
                return One('\t');
            case 'f':
                return One('\f');
            case 'v':
                return One('\v');
            case '0':
                return One('\0');
            case 'x':
                return One(Hex(2));
            case 'u':
                return One(Unicode());
            case 'c' when _at < _text.Length && char.IsAsciiLetter(_text[_at]):
                return One(_text[_at++] % 32);
            default:
                return char.IsAsciiLetterOrDigit(c) ? throw Fault($"\\{c} is no escape of JSON Schema's syntax") : BackToRune();
        }
    }

    private CodeSet BackToRune()
    {
        _at--;
        return One(Rune());
    }

    private int Unicode()
    {
        if (Take('{'))
        {
            int close = _text.IndexOf('}', _at);
            if (close < 0 || !int.TryParse(_text.AsSpan(_at, close - _at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) || code is < 0 or > CodeSet.Last)
            {
                throw Fault("\\u{…} is no character");
            }

            _at = close + 1;
            return code;
        }

        int high = Hex(4);
        if (high is >= 0xD800 and < 0xDC00 && _at + 1 < _text.Length && _text[_at] == '\\' && _text[_at + 1] == 'u')
        {
            _at += 2;
            int low = Hex(4);
            return char.IsLowSurrogate((char)low) ? char.ConvertToUtf32((char)high, (char)low) : throw Fault("a surrogate stands alone");
        }

        return high;
    }

    private int Hex(int digits)
    {
        if (_at + digits > _text.Length || !int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code))
        {
            throw Fault($"an escape lacks its {digits} hexadecimal digits");
        }

        _at += digits;
        return code;
    }

    private CodeSet Property()
    {
        int close = Take('{') ? _text.IndexOf('}', _at) : -1;
        string name = close < 0 ? throw Fault("\\p lacks its {…}") : _text[_at..close];
        _at = close + 1;
        return CharacterClasses.Category(name) ?? throw Fault($"\\p{{{name}}} is not known; general categories such as L, Lu, N, P are");
    }

    private int Rune()
    {
        if (System.Text.Rune.TryGetRuneAt(_text, _at, out System.Text.Rune rune))
        {
            _at += rune.Utf16SequenceLength;
            return rune.Value;
        }

        throw Fault("a surrogate stands alone");
    }
}
