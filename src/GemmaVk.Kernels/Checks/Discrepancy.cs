using System;
using System.Globalization;

namespace GemmaVk.Kernels.Checks;

/// <summary>How far a result is from what it should be.</summary>
/// <param name="Share">The largest error in units of what is allowed: above 1 the result is wrong.</param>
/// <param name="Ulps">The largest error in units in the last place of the expected value; of steps and ids, 0 or infinity.</param>
/// <param name="Where">The element with the largest share, in words.</param>
public readonly record struct Discrepancy(double Share, double Ulps, string Where)
{
    /// <summary>No difference.</summary>
    public static Discrepancy None { get; } = new(0, 0, "");

    /// <summary>Whether the result is right.</summary>
    public bool Holds => Share <= 1;

    /// <summary>Something is wrong that has no measure.</summary>
    public static Discrepancy Wrong(string what) => new(double.PositiveInfinity, double.PositiveInfinity, what);

    /// <summary>Compares floats.</summary>
    /// <param name="expected">What they should be.</param>
    /// <param name="actual">As many.</param>
    /// <param name="tolerance">What is allowed.</param>
    /// <param name="scale">Size of what was added up, per element or one for all; none for 1.</param>
    public static Discrepancy Of(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, Tolerance tolerance, ReadOnlySpan<float> scale)
    {
        (int worst, double share, double ulps, double sum, double max) = (-1, 0, 0, 0, 0);
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i].Equals(actual[i]))
            {
                continue;
            }

            double size = scale.Length == 0 ? 1 : scale[scale.Length == 1 ? 0 : i];
            double allowed = (tolerance.Absolute * size) + (tolerance.Relative * Math.Abs(expected[i]));
            double error = Math.Abs((double)expected[i] - actual[i]);
            // Two zeros of different sign are the same number.
            double excess = error == 0 ? 0 : double.IsNaN(error) ? double.PositiveInfinity : error / allowed;
            max = Math.Max(max, error);
            sum += error;
            ulps = Math.Max(ulps, error == 0 ? 0 : double.IsNaN(error) ? double.PositiveInfinity : error / Unit(expected[i]));
            if (excess > share)
            {
                (worst, share) = (i, excess);
            }
        }

        return worst < 0 ? None : new Discrepancy(share, ulps, string.Create(
            CultureInfo.InvariantCulture,
            $"at {worst} of {expected.Length} expected {expected[worst]:R}, actual {actual[worst]:R}, {share:G3} times the tolerance; max error {max:G3}, mean error {sum / expected.Length:G3}"));
    }

    /// <summary>The worse of two.</summary>
    public Discrepancy And(Discrepancy other) => new(Math.Max(Share, other.Share), Math.Max(Ulps, other.Ulps), other.Share > Share ? other.Where : Where);

    private static double Unit(float value)
    {
        float size = Math.Max(MathF.Abs(value), 1.17549435e-38f);
        return (double)MathF.BitIncrement(size) - size;
    }
}
