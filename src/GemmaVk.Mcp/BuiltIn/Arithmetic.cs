using System;
using System.Globalization;
using System.Numerics;
using GemmaVk.Tensors;

namespace GemmaVk.Mcp.BuiltIn;

/// <summary>
/// Exact arithmetic of an expression. The grammar, loosest first; ^ goes from the right, and a sign binds looser than it:
/// <code>
/// sum     := product (("+" | "-") product)*
/// product := signed (("*" | "/" | "%") signed)*
/// signed  := ("+" | "-") signed | power
/// power   := value ["^" signed]
/// value   := number | "(" sum ")"
/// </code>
/// </summary>
internal ref struct Arithmetic
{
    private const int LongestExpression = 1000;
    private const int DeepestBrackets = 100;
    private readonly ReadOnlySpan<char> _text;
    private int _at;
    private int _depth;

    private Arithmetic(string text) => _text = text;

    /// <summary>The value of an expression.</summary>
    /// <exception cref="GemmaVkException">It is none, divides by zero, or its numbers become too large.</exception>
    public static Rational Of(string expression)
    {
        if (expression.Length > LongestExpression)
        {
            throw new GemmaVkException($"the expression has {expression.Length} characters: expected at most {LongestExpression}; ask for less at once.");
        }

        Arithmetic reader = new(expression.Replace('×', '*').Replace('·', '*').Replace('÷', '/').Replace('−', '-').Replace("**", "^", StringComparison.Ordinal));
        Rational value = reader.Sum();
        return reader.Peek() == '\0' ? value : throw reader.Wrong("an operator");
    }

    private Rational Sum()
    {
        Rational value = Product();
        while (Peek() is '+' or '-')
        {
            char sign = _text[_at++];
            Rational next = Product();
            value = sign == '+' ? value + next : value - next;
        }

        return value;
    }

    private Rational Product()
    {
        Rational value = Signed();
        while (Peek() is '*' or '/' or '%')
        {
            char sign = _text[_at++];
            Rational next = Signed();
            value = sign switch { '*' => value * next, '/' => value / next, _ => value % next };
        }

        return value;
    }

    private Rational Signed()
    {
        bool minus = false;
        for (; Peek() is '+' or '-'; _at++)
        {
            minus ^= _text[_at] == '-';
        }

        Rational value = Power();
        return minus ? -value : value;
    }

    private Rational Power()
    {
        Rational value = Value();
        if (Peek() != '^')
        {
            return value;
        }

        _at++;
        Enter();
        value = value.Power(Signed());
        _depth--;
        return value;
    }

    private Rational Value()
    {
        if (Peek() == '(')
        {
            _at++;
            Enter();
            Rational inner = Sum();
            if (Peek() != ')')
            {
                throw Wrong("a closing bracket");
            }

            _at++;
            _depth--;
            return inner;
        }

        int start = _at;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] is '.' or '_'))
        {
            _at++;
        }

        string digits = _text[start.._at].ToString().Replace("_", "", StringComparison.Ordinal);
        int point = digits.IndexOf('.', StringComparison.Ordinal);
        if (digits.Replace(".", "", StringComparison.Ordinal).Length == 0 || point != digits.LastIndexOf('.'))
        {
            _at = start;
            throw Wrong("a number or a bracket");
        }

        int decimals = point < 0 ? 0 : digits.Length - point - 1;
        return Rational.Of(BigInteger.Parse(digits.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), decimals - Exponent());
    }

    /// <summary>The exponent of a number such as 1e-3.</summary>
    private int Exponent()
    {
        if (_at >= _text.Length || _text[_at] is not ('e' or 'E'))
        {
            return 0;
        }

        int end = _at + 1;
        end += end < _text.Length && _text[end] is '+' or '-' ? 1 : 0;
        while (end < _text.Length && char.IsAsciiDigit(_text[end]))
        {
            end++;
        }

        if (!int.TryParse(_text[(_at + 1)..end], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int exponent) || Math.Abs((long)exponent) > 100_000)
        {
            throw Wrong("an exponent such as e-3");
        }

        _at = end;
        return exponent;
    }

    private void Enter()
    {
        if (++_depth > DeepestBrackets)
        {
            throw new GemmaVkException($"the expression: expected at most {DeepestBrackets} brackets in each other; ask for less at once.");
        }
    }

    /// <summary>The next character that is no space; 0 at the end.</summary>
    private char Peek()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }

        return _at < _text.Length ? _text[_at] : '\0';
    }

    private readonly GemmaVkException Wrong(string expected) => new(
        $"the expression: expected {expected} at character {_at + 1}, but {(_at < _text.Length ? $"'{_text[_at]}' stands there" : "it ends")}; it takes numbers, + - * / % ^ and brackets.");
}
