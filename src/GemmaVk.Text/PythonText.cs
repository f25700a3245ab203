using System;
using System.Globalization;
using System.Text.Json;

namespace GemmaVk.Text;

/// <summary>What the published template takes from Python: white space, order of keys, spelling of numbers.</summary>
internal static class PythonText
{
    /// <summary>Python's str.strip(): unlike .NET's Trim it also removes U+001C to U+001F.</summary>
    public static string Strip(string text)
    {
        int start = 0;
        int end = text.Length;
        while (start < end && IsSpace(text[start]))
        {
            start++;
        }

        while (end > start && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    /// <summary>Python's str.isspace() for one character.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    /// <summary>Order of two keys without regard to case, by code points.</summary>
    public static int CompareKeys(string a, string b)
    {
        string x = a.ToLowerInvariant();
        string y = b.ToLowerInvariant();
        int n = Math.Min(x.Length, y.Length);
        for (int i = 0; i < n; i++)
        {
            if (x[i] != y[i])
            {
                // A surrogate stands for a character above the whole basic plane.
                bool high = char.IsSurrogate(x[i]);
                return high == char.IsSurrogate(y[i]) ? x[i].CompareTo(y[i]) : high ? 1 : -1;
            }
        }

        return x.Length.CompareTo(y.Length);
    }

    /// <summary>A JSON number as Python prints it: whole numbers of any length as given, others as the shortest repr of a double.</summary>
    public static string Number(JsonElement number)
    {
        string raw = number.GetRawText();
        if (raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
        {
            return raw == "-0" ? "0" : raw;
        }

        double value = number.GetDouble();
        return double.IsFinite(value) ? Float(value) : raw;
    }

    /// <summary>Python's repr of a finite float: 36.0, 1e+20, 1e-07.</summary>
    private static string Float(double value)
    {
        string[] parts = value.ToString("R", CultureInfo.InvariantCulture).Split('E');
        string sign = parts[0].StartsWith('-') ? "-" : "";
        string digits = parts[0].TrimStart('-');
        int point = digits.IndexOf('.', StringComparison.Ordinal);
        int whole = point < 0 ? digits.Length : point;
        digits = digits.Replace(".", "", StringComparison.Ordinal);
        string mantissa = digits.TrimStart('0');
        int exponent = mantissa.Length == 0 ? 0 : whole - 1 - (digits.Length - mantissa.Length);
        exponent += parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        mantissa = mantissa.TrimEnd('0');
        mantissa = mantissa.Length == 0 ? "0" : mantissa;
        if (exponent is < -4 or >= 16)
        {
            string fraction = mantissa.Length > 1 ? "." + mantissa[1..] : "";
            return FormattableString.Invariant($"{sign}{mantissa[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }

        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{mantissa}";
        }

        mantissa = mantissa.PadRight(exponent + 2, '0');
        return $"{sign}{mantissa[..(exponent + 1)]}.{mantissa[(exponent + 1)..]}";
    }
}
