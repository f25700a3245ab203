using System;

namespace GemmaVk.Evaluation.Statistics;

/// <summary>A figure and between what it lies with 95 % confidence.</summary>
/// <param name="Value">The figure.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Interval(double Value, double Low, double High)
{
    /// <summary>The two-sided 95 % quantile of the normal distribution.</summary>
    public const double Z95 = 1.959963984540054;

    /// <summary>A mean with its normal interval: mean +- z s / sqrt(n), with the variance over n - 1. One value has no interval and gives itself.</summary>
    public static Interval OfMean(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
        {
            return new Interval(double.NaN, double.NaN, double.NaN);
        }

        double sum = 0, squares = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        double mean = sum / values.Length;
        foreach (double value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        double half = values.Length < 2 ? 0 : Z95 * Math.Sqrt(squares / (values.Length - 1) / values.Length);
        return new Interval(mean, mean - half, mean + half);
    }

    /// <summary>
    /// A share with Wilson's interval, which is right near 0 and 1 too.
    /// Source: E. B. Wilson, Probable inference, J. Am. Stat. Assoc. 22 (1927), equation 3.
    /// </summary>
    public static Interval OfShare(long hits, long of)
    {
        if (of == 0)
        {
            return new Interval(double.NaN, double.NaN, double.NaN);
        }

        double n = of, p = hits / n, z2 = Z95 * Z95;
        double centre = (p + (z2 / (2 * n))) / (1 + (z2 / n));
        double half = Z95 / (1 + (z2 / n)) * Math.Sqrt((p * (1 - p) / n) + (z2 / (4 * n * n)));
        return new Interval(p, Math.Max(0, centre - half), Math.Min(1, centre + half));
    }

    /// <summary>The same figure behind a function that grows.</summary>
    public Interval Through(Func<double, double> grows)
    {
        ArgumentNullException.ThrowIfNull(grows);
        return new Interval(grows(Value), grows(Low), grows(High));
    }
}
