using System;
using System.Globalization;
using Xunit;

namespace GemmaVk.Kernels.Tests;

/// <summary>Compares arrays and says where and by how much they differ.</summary>
public static class Comparison
{
    /// <summary>Fails unless |actual - expected| is within the tolerance for every element.</summary>
    /// <param name="scale">Size of what was added up, per element or one for all: absolute tolerances are in units of it.</param>
    public static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, Tolerance tolerance, string what, params ReadOnlySpan<float> scale)
    {
        Assert.Equal(expected.Length, actual.Length);
        int worst = -1;
        double worstExcess = 1;
        double max = 0;
        double sum = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double size = scale.Length == 0 ? 1 : scale[scale.Length == 1 ? 0 : i];
            double allowed = (tolerance.Absolute * size) + (tolerance.Relative * Math.Abs(expected[i]));
            double error = expected[i].Equals(actual[i]) ? 0 : Math.Abs((double)expected[i] - actual[i]);
            max = Math.Max(max, error);
            sum += error;
            double excess = error == 0 ? 0 : double.IsNaN(error) ? double.PositiveInfinity : error / allowed;
            if (excess > worstExcess)
            {
                (worst, worstExcess) = (i, excess);
            }
        }

        if (worst >= 0)
        {
            Assert.Fail(string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: at {worst} of {expected.Length} expected {expected[worst]:R}, actual {actual[worst]:R}, {worstExcess:G3} times the tolerance; max error {max:G3}, mean error {sum / expected.Length:G3}"));
        }
    }

    /// <summary>Fails unless all bits are the same.</summary>
    public static void Same(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToUInt32Bits(expected[i]) != BitConverter.SingleToUInt32Bits(actual[i]))
            {
                Assert.Fail(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{what}: at {i} of {expected.Length} expected exactly {expected[i]:R}, actual {actual[i]:R}"));
            }
        }
    }
}
