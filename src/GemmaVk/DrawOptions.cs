using GemmaVk.Kernels;

namespace GemmaVk;

/// <summary>How to draw tokens, where it differs from what the checkpoint recommends: null leaves that in force.</summary>
/// <param name="Temperature">0 for greedy.</param>
/// <param name="TopK">0 for off.</param>
/// <param name="TopP">1 for off.</param>
/// <param name="MinP">0 for off.</param>
/// <param name="Seed">The same seed gives the same answer; null for 0.</param>
public sealed record DrawOptions(float? Temperature = null, int? TopK = null, float? TopP = null, float? MinP = null, ulong? Seed = null)
{
    /// <summary>The complete choice on top of a recommended one.</summary>
    public Sample.Choice Over(in Sample.Choice recommended) => new(
        Temperature ?? recommended.Temperature,
        TopK ?? recommended.TopK,
        TopP ?? (recommended == default ? 1 : recommended.TopP),
        MinP ?? recommended.MinP,
        Seed ?? recommended.Seed);
}
