using System;
using System.Globalization;
using GemmaVk.Kernels.Checks;
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
        Discrepancy difference = Discrepancy.Of(expected, actual, tolerance, scale);
        Assert.True(difference.Holds, $"{what}: {difference.Where}");
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
