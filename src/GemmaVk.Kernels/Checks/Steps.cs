using System;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Checks;

/// <summary>Rounded values: two devices may differ by one step where a value lies on a half, and nowhere else.</summary>
internal static class Steps
{
    // One value in a thousand may lie so near a half that devices part.
    private const int Rare = 1000;

    /// <summary>At most one step apart, and seldom.</summary>
    public static Discrepancy Near(ReadOnlySpan<sbyte> expected, ReadOnlySpan<sbyte> actual)
    {
        int apart = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            int difference = Math.Abs(expected[i] - actual[i]);
            if (difference > 1)
            {
                return Discrepancy.Wrong($"at {i} of {expected.Length} expected the step {expected[i]}, actual {actual[i]}");
            }

            apart += difference;
        }

        return apart <= expected.Length / Rare ? Discrepancy.None : Discrepancy.Wrong($"{apart} of {expected.Length} steps differ");
    }

    /// <summary>Sums of groups are those of the steps that stand beside them.</summary>
    public static Discrepancy Sums(ReadOnlySpan<sbyte> steps, ReadOnlySpan<float> units, ReadOnlySpan<float> sums)
    {
        float[] expected = new float[sums.Length];
        for (int i = 0; i < steps.Length; i++)
        {
            expected[i / QuantBlocks.GroupSize] += steps[i];
        }

        for (int g = 0; g < expected.Length; g++)
        {
            expected[g] *= units[g];
        }

        return Discrepancy.Of(expected, sums, Tolerances.QuantizeRows, []);
    }

    /// <summary>Scales are the reference's bit for bit, and each step is the nearest of its value.</summary>
    /// <param name="values">What was rounded.</param>
    /// <param name="steps">As many steps.</param>
    /// <param name="scales">One per group, BF16.</param>
    public static Discrepancy Nearest(ReadOnlySpan<float> values, ReadOnlySpan<sbyte> steps, ReadOnlySpan<ushort> scales)
    {
        const double half = 0.5 + 1e-4;
        sbyte[] wanted = new sbyte[values.Length];
        ushort[] wantedScales = new ushort[scales.Length];
        KvAppend.Quantise(values, wanted, wantedScales);
        if (!scales.SequenceEqual(wantedScales))
        {
            return Discrepancy.Wrong("a scale differs from the reference's");
        }

        for (int i = 0; i < values.Length; i++)
        {
            float unit = BFloat16.ToSingle(scales[i / QuantBlocks.GroupSize]);
            double exact = unit == 0 ? 0 : values[i] / (double)unit;
            if (Math.Abs((int)steps[i]) > 127 || Math.Abs(steps[i] - exact) > half)
            {
                return Discrepancy.Wrong(FormattableString.Invariant($"at {i} of {values.Length} the step {steps[i]} stands for {exact:F3} steps"));
            }
        }

        return Discrepancy.None;
    }

    /// <summary>INT8 rows stand for values that are known within a tolerance: each step is the nearest of such a value, and sums are those of the steps.</summary>
    /// <param name="values">What was rounded, [.., 32].</param>
    /// <param name="tolerance">How far off the rounded value may be.</param>
    /// <param name="sizes">Per value, what absolute tolerances are in units of; none for 1.</param>
    /// <param name="forFormat">Whose order the steps have.</param>
    /// <param name="steps">As many.</param>
    /// <param name="units">One per group.</param>
    /// <param name="sums">One per group.</param>
    public static Discrepancy Rounded(
        ReadOnlySpan<float> values, Tolerance tolerance, ReadOnlySpan<float> sizes, DType forFormat, ReadOnlySpan<sbyte> steps, ReadOnlySpan<float> units, ReadOnlySpan<float> sums)
    {
        float[] worth = new float[values.Length];
        float[] allowed = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            float unit = units[i / QuantBlocks.GroupSize];
            worth[i] = steps[QuantizeRows.Order(forFormat, i)] * unit;
            double size = sizes.Length == 0 ? 1 : sizes[i];
            allowed[i] = (float)((0.5001 * Math.Abs(unit)) + (tolerance.Absolute * size) + (tolerance.Relative * Math.Abs(values[i])));
        }

        Discrepancy nearest = Discrepancy.Of(values, worth, new Tolerance(1, 1e-6), allowed);
        return nearest.Holds ? Sums(steps, units, sums) : nearest;
    }
}
