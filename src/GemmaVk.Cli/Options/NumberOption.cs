using System;
using System.CommandLine;
using System.Globalization;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary>
/// A flag with a number. It is an option of text that is read on demand: options of numbers would be instantiated while
/// the program runs, which costs a tenth of the time to the first token.
/// </summary>
internal abstract class NumberOption : Option<string?>
{
    private readonly string _expected;
    private readonly string _remedy;

    protected NumberOption(string name, string description, string form, string expected, string remedy)
        : base(name)
    {
        Description = description;
        HelpName = form;
        _expected = expected;
        _remedy = remedy;
    }

    /// <summary>The sentence for a value that is none.</summary>
    protected GemmaVkException Wrong(string text) => new($"{Name} {text}: expected {_expected}; {_remedy}.");

    /// <summary>The sentence for a value that only the number's type has no room for.</summary>
    protected GemmaVkException TooLarge(string text, int max) => new(string.Create(CultureInfo.InvariantCulture, $"{Name} {text}: expected {_expected}, at most {max:N0}; {_remedy}."));
}

/// <summary>A flag with a whole number from <paramref name="min"/> on, or up to <paramref name="max"/>.</summary>
internal sealed class WholeOption(string name, string description, int min, string remedy, int max = int.MaxValue)
    : NumberOption(name, description, "N", max == int.MaxValue ? $"a whole number of {min} or more" : $"a whole number from {min} to {max}", remedy)
{
    /// <summary>The number, or null where the flag is not given.</summary>
    /// <exception cref="GemmaVkException">It is none, or too small or large.</exception>
    public int? Read(ParseResult parsed) => parsed.GetValue(this) is not { } text ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= min && value <= max ? value
        : throw (max == int.MaxValue && double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out double large) && large > max ? TooLarge(text, max) : Wrong(text));
}

/// <summary>A flag with whole numbers from <paramref name="min"/> on, separated by commas.</summary>
internal sealed class WholesOption(string name, string description, int min, string remedy)
    : NumberOption(name, description, "N,N", $"whole numbers of {min} or more, separated by commas", remedy)
{
    /// <summary>The numbers, or null where the flag is not given.</summary>
    /// <exception cref="GemmaVkException">One is none, or too small or large.</exception>
    public int[]? Read(ParseResult parsed)
    {
        if (parsed.GetValue(this) is not { } text)
        {
            return null;
        }

        string[] parts = text.Split(',');
        int[] values = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out values[i]) || values[i] < min)
            {
                throw Wrong(text);
            }
        }

        return values;
    }
}

/// <summary>A flag with a number for which <paramref name="legal"/> holds.</summary>
internal sealed class RealOption(string name, string description, Predicate<float> legal, string expected, string remedy)
    : NumberOption(name, description, "X", expected, remedy)
{
    /// <summary>The number, or null where the flag is not given.</summary>
    /// <exception cref="GemmaVkException">It is none, or not a legal one.</exception>
    public float? Read(ParseResult parsed) => parsed.GetValue(this) is not { } text ? null
        : float.TryParse(text, NumberStyles.Float & ~(NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite), CultureInfo.InvariantCulture, out float value)
            && float.IsFinite(value) && (float.IsNormal(value) || IsZero(text)) && legal(value) ? value + 0f
        : throw Wrong(text);

    /// <summary>1e-50 becomes zero in float32 and is none.</summary>
    private static bool IsZero(string text) => !text.Split('e', 'E')[0].AsSpan().ContainsAnyInRange('1', '9');
}

/// <summary>A flag with the key of a random generator.</summary>
internal sealed class SeedOption(string name, string description)
    : NumberOption(name, description, "N", "a whole number from 0 to 18446744073709551615", "leave it out for 0")
{
    /// <summary>The key, or null where the flag is not given.</summary>
    /// <exception cref="GemmaVkException">It is no such number.</exception>
    public ulong? Read(ParseResult parsed) => parsed.GetValue(this) is not { } text ? null
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value
        : throw Wrong(text);
}
