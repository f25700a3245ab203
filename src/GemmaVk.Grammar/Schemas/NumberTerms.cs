using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using GemmaVk.Grammar.Expressions;

namespace GemmaVk.Grammar.Schemas;

/// <summary>
/// Ranges of numbers as languages of their decimal spelling. Digits are bounded, so that every reader holds the number and a model cannot write them
/// for ever: 28 before the point and 28 behind it, and exponents below 10^28, which the decimal types of readers hold. Where it matters which number it
/// is, one that may have a fraction has 15 digits in all: as many as survive in a double, so that every reader sees the same side of a bound.
/// </summary>
internal sealed class NumberTerms
{
    private const int MostDigits = 28;
    private const int LargestDivisor = 4096;

    /// <summary>Characters of 15 digits and a point.</summary>
    private const int MostExact = 16;

    private readonly TermTable _terms;
    private readonly Term _digit;
    private readonly Term _fraction;
    private readonly Term _whole;
    private readonly Term _anyFraction;
    private readonly Term _nonzeroFraction;

    public NumberTerms(TermTable terms)
    {
        _terms = terms;
        _digit = Digits(0, 9);
        Term more = terms.Repeat(_digit, 1, MostDigits);
        _fraction = terms.Optional(terms.Concat(terms.Char('.'), more));
        _anyFraction = terms.Optional(terms.Concat(terms.Char('.'), terms.Repeat(_digit, 1, Term.Unbounded)));
        _nonzeroFraction = terms.Concat(terms.Char('.'), terms.Star(_digit), Digits(1, 9), terms.Star(terms.Char('0')));
        _whole = terms.Or(terms.Char('0'), terms.Concat(Digits(1, 9), terms.Repeat(_digit, 0, MostDigits - 1)));
    }

    /// <summary>The spellings of the numbers of a range.</summary>
    /// <exception cref="FormatException">A divisor that no automaton of a bearable size holds.</exception>
    public Term Of(NumberRange range, bool integers, bool fractions)
    {
        if (range.Only is { } only)
        {
            return _terms.Texts(only.Where(number => range.Fits(number.Value) && (decimal.Truncate(number.Value) == number.Value ? integers : fractions)).Select(number => number.Text));
        }

        bool free = range is { Min: null, Max: null, MultiplesOf.IsEmpty: true, NotMultiplesOf.IsEmpty: true, Not.IsEmpty: true };
        Term sign = _terms.Optional(_terms.Char('-'));
        if (free && integers)
        {
            return fractions ? _terms.Concat(sign, _terms.Or(_terms.Concat(_whole, _fraction), Scaled())) : _terms.Concat(sign, _whole);
        }

        Term fraction = fractions ? integers ? _anyFraction : _nonzeroFraction : _terms.Empty;
        var parts = new List<Term> { InRange(range, fractions, fraction) };
        if (fractions)
        {
            parts.Add(_terms.Concat(sign, _terms.Repeat(_terms.Set(CodeSet.OfChars("0123456789.")), 1, Longest(range))));
        }

        foreach (decimal step in range.MultiplesOf)
        {
            parts.Add(_terms.Concat(sign, Multiples(step, fractions)));
        }

        foreach (decimal step in range.NotMultiplesOf)
        {
            parts.Add(_terms.Not(_terms.Concat(sign, Multiples(step, fractions))));
        }

        foreach (decimal value in range.Not)
        {
            Term text = _terms.Literal(Spelled(value));
            Term tail = Spelled(value).Contains('.') ? _terms.Star(_terms.Char('0')) : _terms.Optional(_terms.Concat(_terms.Char('.'), _terms.Star(_terms.Char('0'))));
            parts.Add(_terms.Not(_terms.Concat(value == 0 ? sign : _terms.Empty, text, tail)));
        }

        return _terms.And(parts);
    }

    /// <summary>Numbers with an exponent, all below 10^28.</summary>
    private Term Scaled()
    {
        Term mark = _terms.Set(CodeSet.OfChars("eE"));
        Term sign = _terms.Optional(_terms.Set(CodeSet.OfChars("+-")));
        Term ofOne = _terms.Concat(Digits(0, 9), _fraction, mark, _terms.Or(
            _terms.Concat(sign, _terms.Optional(Digits(0, 1)), _digit), _terms.Concat(_terms.Optional(_terms.Char('+')), _terms.Char('2'), Digits(0, 7)), _terms.Concat(_terms.Char('-'), Digits(2, 9), _digit)));
        Term ofSeveral = _terms.Concat(Digits(1, 9), _terms.Repeat(_digit, 1, 8), _fraction, mark, sign, _terms.Optional(Digits(0, 1)), _digit);
        return _terms.Or(ofOne, ofSeveral);
    }

    /// <summary>Most characters without a sign: those that every reader tells apart, or what lies next to a bound that needs more.</summary>
    private static int Longest(NumberRange range)
    {
        (string whole, string behind) = Split(range.Min is > 0 and { } low ? low : range.Max is < 0 and { } high ? -high : 0);
        int places = Math.Max(behind.Length, Math.Max(Split(range.Min ?? 0).Behind.Length, Split(range.Max ?? 0).Behind.Length));
        return Math.Max(MostExact, whole.Length + places + 2);
    }

    public static string Spelled(decimal value)
    {
        string text = value.ToString(CultureInfo.InvariantCulture);
        return text.Contains('.') ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    private Term InRange(NumberRange range, bool fractions, Term fraction)
    {
        Term positive = range.Max is < 0 ? _terms.Nothing : Between(
            range.Min is { } low and >= 0 ? (low, range.AboveMin) : null,
            range.Max is { } high ? (high, range.BelowMax) : null,
            fractions,
            fraction);

        // Minus zero is zero.
        Term negative = range.Min is >= 0 ? _terms.Nothing : Between(
            range.Max is { } top and <= 0 ? (-top, range.BelowMax) : null,
            range.Min is { } bottom ? (-bottom, range.AboveMin) : null,
            fractions,
            fraction);
        return _terms.Or(positive, _terms.Concat(_terms.Char('-'), negative));
    }

    private Term Between((decimal Value, bool Strict)? low, (decimal Value, bool Strict)? high, bool fractions, Term fraction)
    {
        low = low == (0m, false) ? null : low;
        Term form = _terms.Concat(_whole, fraction);
        if (low is null && high is null)
        {
            return form;
        }

        // Digits that are counted elsewhere, or for both where two meet, are not counted here: the counts would multiply.
        bool plain = fraction == _anyFraction || !fractions;
        int most = fractions || (low is not null && high is not null) ? Term.Unbounded : MostDigits;
        Term? least = low is { } from ? AtLeast(from.Value, from.Strict, fractions, most) : null;
        Term? greatest = high is { } to ? AtMost(to.Value, to.Strict, fractions, most) : null;
        return (least, greatest) switch
        {
            (not null, null) => plain ? least : _terms.And(least, form),
            (null, not null) => plain ? greatest : _terms.And(greatest, form),
            _ => _terms.And([least!, greatest!, .. plain ? (Term[])[] : [form]]),
        };
    }

    private Term AtLeast(decimal bound, bool strict, bool fractions, int most)
    {
        (string whole, string behind) = Split(bound);
        Term fraction = fractions ? _terms.Optional(_terms.Concat(_terms.Char('.'), _terms.Repeat(_digit, 1, most))) : _terms.Empty;
        var ways = new List<Term>();
        if (whole.Length < MostDigits)
        {
            ways.Add(_terms.Concat(Digits(1, 9), _terms.Repeat(_digit, whole.Length, most == Term.Unbounded ? most : MostDigits - 1), fraction));
        }

        for (int i = 0; i < whole.Length; i++)
        {
            ways.Add(_terms.Concat(_terms.Literal(whole[..i]), Digits(whole[i] - '0' + 1, 9), _terms.Repeat(_digit, whole.Length - 1 - i, whole.Length - 1 - i), fraction));
        }

        if (!fractions)
        {
            ways.Add(strict || behind.Length > 0 ? _terms.Nothing : _terms.Literal(whole));
            return _terms.Or(ways);
        }

        Term anyMore = _terms.Repeat(_digit, 0, most);
        Term point = _terms.Char('.');
        Term some = _terms.Concat(_terms.Repeat(_digit, 0, most), Digits(1, 9), anyMore);
        if (behind.Length == 0)
        {
            ways.Add(_terms.Concat(_terms.Literal(whole), strict ? _terms.Concat(point, some) : fraction));
            return _terms.Or(ways);
        }

        for (int i = 0; i < behind.Length; i++)
        {
            ways.Add(_terms.Concat(_terms.Literal($"{whole}.{behind[..i]}"), Digits(behind[i] - '0' + 1, 9), anyMore));
        }

        ways.Add(_terms.Concat(_terms.Literal($"{whole}.{behind}"), strict ? some : anyMore));
        return _terms.Or(ways);
    }

    private Term AtMost(decimal bound, bool strict, bool fractions, int most)
    {
        (string whole, string behind) = Split(bound);
        Term fraction = fractions ? _terms.Optional(_terms.Concat(_terms.Char('.'), _terms.Repeat(_digit, 1, most))) : _terms.Empty;
        var ways = new List<Term>();
        if (whole.Length > 1)
        {
            ways.Add(_terms.Concat(_terms.Or(_terms.Char('0'), _terms.Concat(Digits(1, 9), _terms.Repeat(_digit, 0, whole.Length - 2))), fraction));
        }

        for (int i = 0; i < whole.Length; i++)
        {
            int least = i == 0 && whole.Length > 1 ? 1 : 0;
            ways.Add(_terms.Concat(_terms.Literal(whole[..i]), Digits(least, whole[i] - '0' - 1), _terms.Repeat(_digit, whole.Length - 1 - i, whole.Length - 1 - i), fraction));
        }

        Term equal = _terms.Literal(whole);
        if (!fractions)
        {
            ways.Add(strict && behind.Length == 0 ? _terms.Nothing : equal);
            return _terms.Or(ways);
        }

        Term anyMore = _terms.Repeat(_digit, 0, most);
        Term zeros = _terms.Repeat(_terms.Char('0'), 0, most);
        if (behind.Length == 0)
        {
            ways.Add(strict ? _terms.Nothing : _terms.Concat(equal, _terms.Optional(_terms.Concat(_terms.Literal(".0"), zeros))));
            return _terms.Or(ways);
        }

        ways.Add(equal);
        for (int i = 0; i < behind.Length; i++)
        {
            ways.Add(_terms.Concat(_terms.Literal($"{whole}.{behind[..i]}"), Digits(0, behind[i] - '0' - 1), anyMore));
            ways.Add(i == 0 ? _terms.Nothing : _terms.Literal($"{whole}.{behind[..i]}"));
        }

        ways.Add(strict ? _terms.Nothing : _terms.Concat(_terms.Literal($"{whole}.{behind}"), zeros));
        return _terms.Or(ways);
    }

    private Term Multiples(decimal step, bool fractions)
    {
        (string whole, string behind) = Split(step);
        int places = behind.Length;
        BigInteger scale = BigInteger.Pow(10, places);
        BigInteger units = BigInteger.Parse(whole + behind, CultureInfo.InvariantCulture);
        BigInteger divisor = units / BigInteger.GreatestCommonDivisor(units, scale);
        if (divisor > LargestDivisor)
        {
            throw new FormatException($"multiples of {Spelled(step)} need more states than are kept; divisors up to {LargestDivisor} are taken");
        }

        Term zeros = _terms.Star(_terms.Char('0'));
        Term wholes = divisor.IsOne ? _whole : _terms.And(_whole, _terms.Digits((int)divisor, 0));
        if (places == 0 || !fractions)
        {
            return _terms.Concat(wholes, fractions ? _terms.Optional(_terms.Concat(_terms.Literal(".0"), zeros)) : _terms.Empty);
        }

        if (units.IsOne)
        {
            return _terms.Concat(_whole, _terms.Optional(_terms.Concat(_terms.Char('.'), _terms.Repeat(_digit, 1, places), zeros)));
        }

        if (!(scale % units).IsZero || scale / units > LargestDivisor)
        {
            throw new FormatException($"multiples of {Spelled(step)} are not held; whole numbers, powers of ten and steps that divide one are");
        }

        var parts = new List<string> { "0" };
        for (BigInteger part = units; part < scale; part += units)
        {
            parts.Add(part.ToString(CultureInfo.InvariantCulture).PadLeft(places, '0').TrimEnd('0'));
        }

        return _terms.Concat(_whole, _terms.Optional(_terms.Concat(_terms.Char('.'), _terms.Texts(parts), zeros)));
    }

    private static (string Whole, string Behind) Split(decimal value)
    {
        string[] parts = Spelled(value).Split('.');
        return (parts[0], parts.Length > 1 ? parts[1] : "");
    }

    private Term Digits(int low, int high) => low > high ? _terms.Nothing : _terms.Set(CodeSet.Of(('0' + low, '0' + high)));
}
