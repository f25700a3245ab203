using System;
using Xunit.Sdk;

namespace GemmaVk.Runtime.Tests;

/// <summary>Comparisons that say where and how far two arrays differ.</summary>
internal static class Compare
{
    public static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        if (expected.Length != actual.Length)
        {
            throw new XunitException($"{what}: {actual.Length} values, expected {expected.Length}");
        }

        double max = 0, mean = 0;
        int at = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs((double)expected[i] - actual[i]);
            difference = double.IsNaN(difference) ? double.PositiveInfinity : difference;
            mean += difference / expected.Length;
            if (difference > max)
            {
                (max, at) = (difference, i);
            }
        }

        if (max > tolerance)
        {
            throw new XunitException(
                $"{what}: index {at}: expected {expected[at]}, actual {actual[at]}; max error {max:g4}, mean {mean:g4}, allowed {tolerance:g4}");
        }
    }

    public static double Rms(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        double sum = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            sum += Math.Pow((double)expected[i] - actual[i], 2);
        }

        return Math.Sqrt(sum / expected.Length);
    }

    public static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double ab = 0, aa = 0, bb = 0;
        for (int i = 0; i < a.Length; i++)
        {
            ab += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
        }

        return ab / Math.Sqrt(aa * bb);
    }
}
