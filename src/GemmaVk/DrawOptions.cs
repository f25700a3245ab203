using System;
using System.Globalization;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk;

/// <summary>How to draw tokens, where it differs from what the checkpoint recommends: null leaves that in force.</summary>
/// <param name="Temperature">0 for greedy.</param>
/// <param name="TopK">0 for off.</param>
/// <param name="TopP">1 for off.</param>
/// <param name="MinP">0 for off.</param>
/// <param name="Seed">The same seed gives the same answer; null for 0.</param>
public sealed record DrawOptions(float? Temperature = null, int? TopK = null, float? TopP = null, float? MinP = null, ulong? Seed = null)
{
    // Below it logits divided by the temperature leave float32.
    internal const float SmallestTemperature = 1e-20f;

    /// <summary>The complete choice on top of a recommended one.</summary>
    /// <exception cref="GemmaVkException">A number that nothing can be drawn with.</exception>
    public Sample.Choice Over(in Sample.Choice recommended)
    {
        Require(Temperature is null or 0 or (>= SmallestTemperature and <= float.MaxValue), "temperature", "0 (greedy), or a finite number of 1e-20 or more", Temperature);
        Require(TopK is null or >= 0, "top-k", "0 (off) or more", TopK);
        Require(TopP is null or (> 0 and <= 1), "top-p", "more than 0, at most 1 (off)", TopP);
        Require(MinP is null or (>= 0 and < 1), "min-p", "from 0 (off), below 1", MinP);
        return Choose(recommended);
    }

    private Sample.Choice Choose(in Sample.Choice recommended) => new(
        Temperature + 0f ?? recommended.Temperature,
        TopK ?? recommended.TopK,
        TopP ?? (recommended == default ? 1 : recommended.TopP),
        MinP ?? recommended.MinP,
        Seed ?? recommended.Seed);

    private static void Require(bool met, string what, string expected, IFormattable? actual)
    {
        if (!met)
        {
            throw new GemmaVkException($"{what} {actual?.ToString(null, CultureInfo.InvariantCulture)}: expected {expected}; leave it out for what the checkpoint recommends.");
        }
    }
}
