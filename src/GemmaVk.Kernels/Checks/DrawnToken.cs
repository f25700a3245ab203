using System;
using System.Linq;

namespace GemmaVk.Kernels.Checks;

/// <summary>
/// Whether a token may have been drawn: it is the reference's, or the uniform number lies within a rounding of its share, or top-p cuts
/// within a rounding of it.
/// </summary>
public static class DrawnToken
{
    private const float Rounding = 2e-6f;

    /// <summary>What is wrong with it, or null.</summary>
    public static string? Fault(ReadOnlySpan<float> logits, ReadOnlySpan<int> suppress, in Sample.Choice choice, int position, int actual, ReadOnlySpan<int> allowed = default)
    {
        int expected = Sample.Reference(logits, suppress, choice, position, allowed);
        if (expected == actual)
        {
            return null;
        }

        if (choice.Temperature == 0 || actual < 0 || actual >= logits.Length)
        {
            return $"expected {expected}, actual {actual}";
        }

        double u = Sample.Uniform(choice.Seed, position + 1);
        string shares = "";
        foreach (float border in choice.TopP < 1 ? (float[])[0, -Rounding, Rounding] : [0])
        {
            double[] p = Sample.Probabilities(logits, suppress, choice with { TopP = choice.TopP + border }, allowed);
            double before = p.Take(actual).Sum();
            if (p[actual] > 0 && u > before - Rounding && u < before + p[actual] + Rounding)
            {
                return null;
            }

            shares += $" [{before}, {before + p[actual]})";
        }

        return $"expected {expected}, actual {actual} whose share of [0, 1) is{shares}, u {u}";
    }
}
