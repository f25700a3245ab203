using System;
using System.Globalization;
using GemmaVk.Evaluation.Statistics;

namespace GemmaVk.Evaluation.Reports;

/// <summary>Numbers as reports show them.</summary>
internal static class Figures
{
    /// <summary>A number with so many significant digits as are of use.</summary>
    public static string Number(double value) => !double.IsFinite(value) ? "-"
        : Math.Abs(value) is >= 100 and < 1e6 ? value.ToString("0.##", CultureInfo.InvariantCulture)
        : Math.Abs(value) is >= 1e-3 and < 100 || value == 0 ? value.ToString("0.####", CultureInfo.InvariantCulture)
        : value.ToString("0.00e+0", CultureInfo.InvariantCulture);

    /// <summary>A figure with its ends.</summary>
    public static string WithEnds(Interval figure) => $"{Number(figure.Value)} [{Number(figure.Low)}, {Number(figure.High)}]";

    /// <summary>A share in percent.</summary>
    public static string Percent(double share) => double.IsFinite(share) ? (share * 100).ToString("0.0#", CultureInfo.InvariantCulture) + " %" : "-";

    /// <summary>A share in percent with its ends.</summary>
    public static string PercentWithEnds(Interval share) => $"{Percent(share.Value)} [{Percent(share.Low)}, {Percent(share.High)}]";

    /// <summary>A whole number.</summary>
    public static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);
}
