using System;
using System.Collections.Generic;

namespace GemmaVk.Evaluation.Reports;

/// <summary>A straight axis of a plot.</summary>
/// <param name="Low">Value at its beginning.</param>
/// <param name="High">Value at its end.</param>
/// <param name="From">Place of its beginning, in units of the picture.</param>
/// <param name="To">Place of its end.</param>
internal readonly record struct PlotAxis(double Low, double High, double From, double To)
{
    /// <summary>The place of a value.</summary>
    public double At(double value) => From + ((To - From) * Math.Clamp((value - Low) / (High - Low), 0, 1));

    /// <summary>Round values for lines across, at most about six.</summary>
    public IEnumerable<double> Steps()
    {
        double raw = (High - Low) / 5, power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10);
        for (double value = Math.Ceiling((Low / step) - 1e-9) * step; value <= High + (step * 1e-9); value += step)
        {
            yield return Math.Abs(value) < step * 1e-9 ? 0 : value;
        }
    }
}
