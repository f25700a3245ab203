using System;
using System.Collections.Immutable;

namespace GemmaVk.Grammar.Schemas;

/// <summary>What is claimed of a number.</summary>
internal sealed record NumberRange
{
    public decimal? Min { get; init; }

    public bool AboveMin { get; init; }

    public decimal? Max { get; init; }

    public bool BelowMax { get; init; }

    public ImmutableList<decimal> MultiplesOf { get; init; } = [];

    public ImmutableList<decimal> NotMultiplesOf { get; init; } = [];

    /// <summary>The only values, with their spelling, or null.</summary>
    public ImmutableList<(decimal Value, string Text)>? Only { get; init; }

    /// <summary>Values that are excluded.</summary>
    public ImmutableList<decimal> Not { get; init; } = [];

    public NumberRange AtLeast(decimal bound, bool above) =>
        Min is { } min && (min > bound || (min == bound && (AboveMin || !above))) ? this : this with { Min = bound, AboveMin = above };

    public NumberRange AtMost(decimal bound, bool below) =>
        Max is { } max && (max < bound || (max == bound && (BelowMax || !below))) ? this : this with { Max = bound, BelowMax = below };

    public bool IsEmpty => Only is { IsEmpty: true } || (Min is { } min && Max is { } max && (min > max || (min == max && (AboveMin || BelowMax))));

    /// <summary>Whether a value fits.</summary>
    public bool Fits(decimal value)
    {
        bool low = Min is not { } min || value > min || (value == min && !AboveMin);
        bool high = Max is not { } max || value < max || (value == max && !BelowMax);
        try
        {
            return low && high && !Not.Contains(value) && MultiplesOf.TrueForAll(step => value % step == 0) && NotMultiplesOf.TrueForAll(step => value % step != 0);
        }
        catch (OverflowException)
        {
            return false;
        }
    }
}
