using System;
using System.Globalization;
using System.Numerics;
using GemmaVk.Tensors;

namespace GemmaVk.Mcp.BuiltIn;

/// <summary>An exact fraction in lowest terms. It grows with what is done to it, up to a limit.</summary>
internal readonly record struct Rational
{
    private const int MostBits = 16_384;
    private const int MostExponent = 4096;
    private const int MostDecimals = 60;
    private const int ShownDecimals = 30;

    private Rational(BigInteger top, BigInteger bottom)
    {
        if (bottom.Sign < 0)
        {
            (top, bottom) = (-top, -bottom);
        }

        BigInteger common = BigInteger.GreatestCommonDivisor(top, bottom);
        (Top, Bottom) = common.IsOne ? (top, bottom) : (top / common, bottom / common);
        if (Top.GetBitLength() + Bottom.GetBitLength() > MostBits)
        {
            throw new GemmaVkException($"a number has more than {MostBits} binary digits: expected smaller ones; ask for less.");
        }
    }

    /// <summary>Numerator.</summary>
    public BigInteger Top { get; }

    /// <summary>Denominator, above 0.</summary>
    public BigInteger Bottom { get; }

    /// <summary>A whole number.</summary>
    public static Rational Of(BigInteger whole) => new(whole, BigInteger.One);

    /// <summary>A decimal fraction: digits and how many of them stand behind the point.</summary>
    public static Rational Of(BigInteger digits, int decimals) => decimals is < -MostExponent or > MostExponent
        ? throw new GemmaVkException($"an exponent is beyond {MostExponent}: expected a smaller one; ask for less.")
        : decimals >= 0 ? new(digits, BigInteger.Pow(10, decimals)) : new(digits * BigInteger.Pow(10, -decimals), BigInteger.One);

    public static Rational operator +(Rational a, Rational b) => new((a.Top * b.Bottom) + (b.Top * a.Bottom), a.Bottom * b.Bottom);

    public static Rational operator -(Rational a, Rational b) => new((a.Top * b.Bottom) - (b.Top * a.Bottom), a.Bottom * b.Bottom);

    public static Rational operator -(Rational a) => new(-a.Top, a.Bottom);

    public static Rational operator *(Rational a, Rational b) => new(a.Top * b.Top, a.Bottom * b.Bottom);

    public static Rational operator /(Rational a, Rational b) => b.Top.IsZero ? throw new GemmaVkException("division by zero: expected another divisor; correct the expression.") : new(a.Top * b.Bottom, a.Bottom * b.Top);

    /// <summary>What is left of a division, with the sign of the divisor.</summary>
    public static Rational operator %(Rational a, Rational b)
    {
        Rational quotient = a / b;
        BigInteger floor = BigInteger.DivRem(quotient.Top, quotient.Bottom, out BigInteger rest);
        return a - (Of(rest.Sign < 0 ? floor - 1 : floor) * b);
    }

    /// <summary>A whole power.</summary>
    public Rational Power(Rational exponent)
    {
        if (!exponent.Bottom.IsOne || BigInteger.Abs(exponent.Top) > MostExponent)
        {
            throw new GemmaVkException($"an exponent: expected a whole number from -{MostExponent} to {MostExponent}; correct the expression.");
        }

        int power = (int)BigInteger.Abs(exponent.Top);
        if (power * (Top.GetBitLength() + Bottom.GetBitLength()) > 2 * MostBits)
        {
            throw new GemmaVkException($"a power has more than {MostBits} binary digits: expected smaller ones; ask for less.");
        }

        Rational value = new(BigInteger.Pow(Top, power), BigInteger.Pow(Bottom, power));
        return exponent.Top.Sign < 0 ? Of(1) / value : value;
    }

    /// <summary>Exact: a decimal fraction where it ends, else a fraction with a decimal one near it.</summary>
    public override string ToString()
    {
        if (Bottom.IsOne)
        {
            return Top.ToString(CultureInfo.InvariantCulture);
        }

        for (int decimals = 1; decimals <= MostDecimals; decimals++)
        {
            BigInteger shifted = BigInteger.DivRem(Top * BigInteger.Pow(10, decimals), Bottom, out BigInteger rest);
            if (rest.IsZero)
            {
                return Pointed(shifted, decimals);
            }
        }

        BigInteger near = BigInteger.DivRem(Top * BigInteger.Pow(10, ShownDecimals), Bottom, out BigInteger left);
        near += BigInteger.Abs(left) * 2 >= Bottom ? Top.Sign : 0;
        return FormattableString.Invariant($"{Top}/{Bottom}, about {Pointed(near, ShownDecimals)}");
    }

    private static string Pointed(BigInteger digits, int decimals)
    {
        string text = BigInteger.Abs(digits).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return $"{(digits.Sign < 0 ? "-" : "")}{text[..^decimals]}.{text[^decimals..]}";
    }
}
