namespace GemmaVk.Gpu.Tuning;

/// <summary>
/// How attention is cut. Another form adds sums in another order, so it changes bits, which the form of a product does not: all passes over a kind of cache take
/// the same one, whatever rows they have.
/// </summary>
/// <param name="Matrix">Matrix units multiply.</param>
/// <param name="Queries">Queries of a tile: heads of a row in AttentionDecode, rows of a head in AttentionPrefill; 0 in AttentionDecode on matrix units, where the device's shape says it.</param>
/// <param name="Keys">Keys of a block; those of an invocation in it where no matrix units multiply.</param>
/// <param name="Subgroups">Subgroups of a workgroup; 0 where no matrix units multiply.</param>
/// <param name="Turn">Keys that a workgroup takes one after the other before others' begin; 0 where that is a block.</param>
/// <param name="Groups">Workgroups that a row of AttentionDecode makes at most; 0 in AttentionPrefill, which shares no keys out.</param>
internal readonly record struct AttentionForm(bool Matrix, uint Queries, uint Keys, uint Subgroups = 0, uint Turn = 0, uint Groups = 0)
{
    // Far above what any device asks for.
    private const uint MostGroups = 4096;

    /// <summary>Each number is one that some kernel has; what they come to together the kernel asks of the device.</summary>
    public bool IsSound =>
        Queries is 0 or 1 or 2 or 4 or 8 or 16 or 32 or 64 or 128 && Subgroups is 0 or 1 or 2 or 4 or 8 && Turn is 0 or 16 or 32 or 64 or 128 && Groups <= MostGroups
        && (Matrix ? Keys is 16 or 32 or 64 && Subgroups > 0 : Keys is 1 or 2 or 4 && Queries is > 0 and <= 16 && (Subgroups, Turn) == (0, 0));

    public override string ToString() => (Matrix, Groups) switch
    {
        (false, 0) => $"{Count(Queries, "row")}, {Count(Keys, "key")} of an invocation",
        (false, _) => $"{Count(Queries, "head")}, {Count(Keys, "key")} of an invocation, {Groups} workgroups",
        (true, 0) => $"matrix units, {Queries} rows, blocks of {Keys} keys, {Count(Subgroups, "subgroup")}",
        _ => $"matrix units, blocks of {Keys} keys, turns of {Turn}, {Count(Subgroups, "subgroup")}, {Groups} workgroups",
    };

    private static string Count(uint number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}
