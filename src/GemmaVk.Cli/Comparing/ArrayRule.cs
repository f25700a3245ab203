using System;
using System.Globalization;
using GemmaVk.Kernels.Checks;

namespace GemmaVk.Cli.Comparing;

/// <summary>How two arrays are compared.</summary>
internal enum ComparedAs
{
    /// <summary>Element by element.</summary>
    Values,

    /// <summary>As sets of values: both are sorted before.</summary>
    Sorted,

    /// <summary>UTF-8 text that is JSON: spaces and the order of members do not count.</summary>
    Json,

    /// <summary>By the SHA-256 of all bytes.</summary>
    Hash,
}

/// <summary>How far an array may be from what it is compared with.</summary>
/// <param name="Tolerance">Absolute in units of the size, plus relative to the expected value.</param>
/// <param name="Unit">What the absolute part is a multiple of, in words; empty for none.</param>
/// <param name="Why">The reason.</param>
internal sealed record ArrayRule(Tolerance Tolerance, string Unit, string Why)
{
    /// <summary>How it is compared.</summary>
    public ComparedAs As { get; init; }

    /// <summary>The largest value of the array is the unit, at least 1.</summary>
    public bool OfLargest { get; init; }

    /// <summary>Sizes per element, or one for all; null for 1.</summary>
    public Func<float[]>? Sizes { get; init; }

    /// <summary>The bound in words.</summary>
    public string InWords => this switch
    {
        { As: ComparedAs.Json } => "equal as JSON",
        { Tolerance: { Absolute: 0, Relative: 0 } } => "0",
        { Tolerance.Absolute: 0 } => Number(Tolerance.Relative) + " of the value",
        _ => Number(Tolerance.Absolute) + (Unit.Length > 0 ? $" of {Unit}" : "") + (Tolerance.Relative == 0 ? "" : $" + {Number(Tolerance.Relative)} of the value"),
    };

    /// <summary>Every bit counts.</summary>
    public static ArrayRule Exact(string why) => new(default, "", why);

    /// <summary>An absolute bound.</summary>
    public static ArrayRule Within(double bound, string why) => new(new Tolerance(bound, 0), "", why);

    private static string Number(double value) => value.ToString("0.##e+0", CultureInfo.InvariantCulture).Replace("e+0", "", StringComparison.Ordinal).Replace("e+", "e", StringComparison.Ordinal);
}
