namespace GemmaVk.Cli.Comparing;

/// <summary>What came of one array, or of the layer's share of one.</summary>
/// <param name="Name">The array, with the layer in brackets where a part of it is meant.</param>
/// <param name="Place">Where it arises.</param>
/// <param name="InWords">The same in words; empty for arrays of no run.</param>
/// <param name="Rule">What was allowed.</param>
/// <param name="Count">Elements.</param>
/// <param name="Beyond">Elements that are further away than allowed.</param>
/// <param name="Share">The largest error in units of what is allowed; infinity for what is no number.</param>
/// <param name="MaxError">The largest error.</param>
/// <param name="First">The first element beyond, in words; null where there is none.</param>
/// <param name="Fault">Why it could not be compared; null where it was.</param>
internal sealed record ArrayVerdict(
    string Name, StepPlace Place, string InWords, ArrayRule Rule, long Count, long Beyond, double Share, double MaxError, string? First, string? Fault)
{
    /// <summary>Whether it is what it should be.</summary>
    public bool Holds => Fault is null && Beyond == 0;
}
