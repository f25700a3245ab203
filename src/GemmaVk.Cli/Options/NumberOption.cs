using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Linq;
using System.Numerics;

namespace GemmaVk.Cli.Options;

/// <summary>Flags with numbers. A bad one is a sentence with the flag, what was expected, what came and what to do.</summary>
internal static class NumberOption
{
    /// <summary>A whole number from <paramref name="min"/> on.</summary>
    public static Option<int?> Whole(string name, string description, int min, string remedy, int max = int.MaxValue) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => Read<int>(result, name, n => n >= min && n <= max, Range(min, max), remedy),
    };

    /// <summary>Whole numbers from <paramref name="min"/> on, separated by commas.</summary>
    public static Option<int[]?> Wholes(string name, string description, int min, string remedy) => new(name)
    {
        Description = description,
        HelpName = "N,N",
        CustomParser = result =>
        {
            int?[] all = [.. result.Tokens[0].Value.Split(',').Select(text => Parse<int>(text, n => n >= min))];
            if (all.Contains(null))
            {
                result.AddError($"{name} {result.Tokens[0].Value}: expected whole numbers of {min} or more, separated by commas; {remedy}");
                return null;
            }

            return [.. all.Select(n => n!.Value)];
        },
    };

    /// <summary>A number for which <paramref name="legal"/> holds.</summary>
    public static Option<float?> Real(string name, string description, Func<float, bool> legal, string expected, string remedy) => new(name)
    {
        Description = description,
        HelpName = "X",
        CustomParser = result => Read(result, name, legal, expected, remedy),
    };

    /// <summary>A key of the random generator.</summary>
    public static Option<ulong?> Seed(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => Read<ulong>(result, name, _ => true, "a whole number from 0 to 18446744073709551615", "leave it out for 0"),
    };

    private static string Range(int min, int max) => max == int.MaxValue ? $"a whole number of {min} or more" : $"a whole number from {min} to {max}";

    private static T? Read<T>(ArgumentResult result, string name, Func<T, bool> legal, string expected, string remedy)
        where T : struct, INumber<T>
    {
        string text = result.Tokens[0].Value;
        T? value = Parse(text, legal);
        if (value is null)
        {
            result.AddError($"{name} {text}: expected {expected}; {remedy}");
        }

        return value;
    }

    private static T? Parse<T>(string text, Func<T, bool> legal)
        where T : struct, INumber<T>
    {
        const NumberStyles styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return T.TryParse(text, styles, CultureInfo.InvariantCulture, out T value) && T.IsFinite(value) && legal(value) ? value : null;
    }
}
