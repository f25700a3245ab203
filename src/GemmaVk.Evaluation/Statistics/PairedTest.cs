using System;

namespace GemmaVk.Evaluation.Statistics;

/// <summary>Whether two runs over the same items differ by more than chance: two-sided p-values.</summary>
internal static class PairedTest
{
    // 2^16 signs are all tried; beyond, so many are drawn.
    private const int MostExact = 16;
    private const int Draws = 20_000;

    /// <summary>
    /// The exact test for items that are right or wrong: of the items in which the runs differ, as many are better in either, as a coin would have it.
    /// Source: Q. McNemar, Psychometrika 12 (1947), in its exact binomial form.
    /// </summary>
    /// <param name="onlyFirst">Items that only the first run has right.</param>
    /// <param name="onlySecond">Items that only the second has right.</param>
    public static double McNemar(int onlyFirst, int onlySecond)
    {
        int n = onlyFirst + onlySecond;
        int fewer = Math.Min(onlyFirst, onlySecond);
        // C(n, i) 2^-n in logarithms: 2^-n leaves double from n = 1075 on.
        double log = -n * Math.Log(2), sum = 0;
        for (int i = 0; i <= fewer; i++)
        {
            sum += Math.Exp(log);
            log += Math.Log(n - i) - Math.Log(i + 1);
        }

        return Math.Min(1, 2 * sum);
    }

    /// <summary>
    /// The permutation test for scores of any size: the sign of each item's difference might as well be the other one. All signs are tried up to
    /// 16 items that differ; beyond, 20,000 are drawn, and the p-value counts the observed one in.
    /// Source: R. A. Fisher, The Design of Experiments (1935), section 21.
    /// </summary>
    /// <param name="differences">Second minus first, one per item.</param>
    /// <param name="seed">The same gives the same p-value.</param>
    public static double Permutation(ReadOnlySpan<double> differences, ulong seed)
    {
        double[] all = new double[differences.Length];
        int n = 0;
        double observed = 0;
        foreach (double difference in differences)
        {
            observed += difference;
            if (difference != 0)
            {
                all[n++] = difference;
            }
        }

        // Sums in another order differ in their last bits.
        double least = Math.Abs(observed) * (1 - 1e-12);
        if (n == 0)
        {
            return 1;
        }

        long hits = 0;
        if (n <= MostExact)
        {
            for (int signs = 0; signs < 1 << n; signs++)
            {
                hits += Math.Abs(Sum(all.AsSpan(0, n), (ulong)signs, null)) >= least ? 1 : 0;
            }

            return (double)hits / (1 << n);
        }

        SeededDraw draw = new(seed);
        for (int i = 0; i < Draws; i++)
        {
            hits += Math.Abs(Sum(all.AsSpan(0, n), 0, draw)) >= least ? 1 : 0;
        }

        return (hits + 1.0) / (Draws + 1.0);
    }

    private static double Sum(ReadOnlySpan<double> values, ulong signs, SeededDraw? draw)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (draw is not null && i % 64 == 0)
            {
                signs = draw.Bits();
            }

            sum += (signs >> (i % 64) & 1) == 0 ? values[i] : -values[i];
        }

        return sum;
    }
}
