using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace GemmaVk.Cli.Instruments;

/// <summary>Time of one measurement in units of another, with the 95 % interval that redrawing both sets of samples gives.</summary>
/// <param name="Ratio">Quotient of the medians; below 1 the second is faster.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end.</param>
internal readonly record struct KernelRatio(double Ratio, double Low, double High)
{
    private const int Draws = 2000;
    private const double Tail = 0.025;

    // Below this nobody gains or loses anything, however sure it is.
    private const double Least = 0.01;

    /// <summary>Faster, slower, or not to be told apart.</summary>
    public string Verdict => High < 1 - Least ? "faster" : Low > 1 + Least ? "slower" : "no difference";

    /// <summary>The ratio with its interval.</summary>
    public string InWords => string.Create(CultureInfo.InvariantCulture, $"{Ratio:F3} [{Low:F3}, {High:F3}]");

    /// <summary>Compares two sets of samples, by bootstrap of their medians with a fixed seed.</summary>
    public static KernelRatio Of(IReadOnlyList<double> before, IReadOnlyList<double> after)
    {
        Random random = new(1);
        double[] a = [.. before], b = [.. after], drawn = new double[Math.Max(a.Length, b.Length)];
        double[] ratios = new double[Draws];
        for (int i = 0; i < Draws; i++)
        {
            ratios[i] = Redrawn(b, drawn, random) / Redrawn(a, drawn, random);
        }

        Array.Sort(ratios);
        return new KernelRatio(Median([.. b.Order()]) / Median([.. a.Order()]), ratios[(int)(Tail * Draws)], ratios[(int)((1 - Tail) * Draws)]);
    }

    /// <summary>The same for samples that were taken in turns: what disturbed both of a pair falls out of its quotient.</summary>
    /// <param name="before">Times.</param>
    /// <param name="after">As many, each taken beside the one of the same place.</param>
    public static KernelRatio OfPairs(IReadOnlyList<double> before, IReadOnlyList<double> after)
    {
        Random random = new(1);
        double[] quotients = [.. before.Zip(after, (a, b) => b / a)], drawn = new double[quotients.Length], medians = new double[Draws];
        for (int i = 0; i < Draws; i++)
        {
            medians[i] = Redrawn(quotients, drawn, random);
        }

        Array.Sort(medians);
        return new KernelRatio(Median([.. quotients.Order()]), medians[(int)(Tail * Draws)], medians[(int)((1 - Tail) * Draws)]);
    }

    private static double Redrawn(double[] samples, double[] into, Random random)
    {
        Span<double> drawn = into.AsSpan(0, samples.Length);
        foreach (ref double value in drawn)
        {
            value = samples[random.Next(samples.Length)];
        }

        drawn.Sort();
        return Median(drawn);
    }

    private static double Median(ReadOnlySpan<double> sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
