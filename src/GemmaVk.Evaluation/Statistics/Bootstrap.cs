using System;

namespace GemmaVk.Evaluation.Statistics;

/// <summary>
/// Percentile intervals from resampled items.
/// Source: B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), section 13.3.
/// </summary>
internal static class Bootstrap
{
    /// <summary>How often the items are drawn anew.</summary>
    public const int Draws = 2000;

    /// <summary>The mean of a score over items.</summary>
    /// <param name="scores">One per item.</param>
    /// <param name="seed">The same gives the same interval.</param>
    public static Interval Mean(ReadOnlySpan<double> scores, ulong seed)
    {
        double[] ones = new double[scores.Length];
        Array.Fill(ones, 1);
        return Ratio(scores, ones, seed);
    }

    /// <summary>A ratio of sums over items, such as errors to words.</summary>
    /// <param name="tops">What is counted, one per item.</param>
    /// <param name="bottoms">Out of how much.</param>
    /// <param name="seed">The same gives the same interval.</param>
    /// <returns>NaN without items.</returns>
    public static Interval Ratio(ReadOnlySpan<double> tops, ReadOnlySpan<double> bottoms, ulong seed)
    {
        int n = tops.Length;
        if (n == 0)
        {
            return new Interval(double.NaN, double.NaN, double.NaN);
        }

        (double top, double bottom) = (0, 0);
        for (int i = 0; i < n; i++)
        {
            top += tops[i];
            bottom += bottoms[i];
        }

        SeededDraw draw = new(seed);
        double[] ratios = new double[Draws];
        for (int d = 0; d < Draws; d++)
        {
            (double t, double b) = (0, 0);
            for (int i = 0; i < n; i++)
            {
                int item = draw.Below(n);
                t += tops[item];
                b += bottoms[item];
            }

            ratios[d] = b == 0 ? 0 : t / b;
        }

        Array.Sort(ratios);
        return new Interval(bottom == 0 ? 0 : top / bottom, Quantile(ratios, 0.025), Quantile(ratios, 0.975));
    }

    /// <summary>A quantile of ascending values, between two of them where it falls there.</summary>
    public static double Quantile(ReadOnlySpan<double> ascending, double share)
    {
        if (ascending.IsEmpty)
        {
            return double.NaN;
        }

        double at = share * (ascending.Length - 1);
        int low = (int)at;
        int high = Math.Min(low + 1, ascending.Length - 1);
        return ascending[low] + ((at - low) * (ascending[high] - ascending[low]));
    }
}
