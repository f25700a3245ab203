using FsCheck;
using FsCheck.Fluent;

namespace GemmaVk.Shared;

public static partial class Arbitraries
{
    /// <summary>Up to four extents of up to fifty.</summary>
    public static Arbitrary<Extents> Extents => Draw.List(0, 4, Draw.Between(0, 50)).Convert(list => new Extents(list), extents => extents.List);
}

/// <summary>Extents of a tensor.</summary>
public sealed record Extents(int[] List)
{
    public override string ToString() => $"[{string.Join(", ", List)}]";
}
