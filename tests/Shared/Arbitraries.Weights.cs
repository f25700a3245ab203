using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;

namespace GemmaVk.Shared;

public static partial class Arbitraries
{
    private const int GroupSize = 32;

    /// <summary>One to five groups of weights of any sensible size, zeros and equal magnitudes included.</summary>
    public static Arbitrary<WeightGroups> WeightGroups
    {
        get
        {
            Gen<WeightGroups> groups =
                from count in Gen.Choose(1, 5)
                from exponent in Gen.Choose(-40, 40)
                from values in Gen.ArrayOf(Gen.OneOf(Gen.Choose(-1000, 1000), Gen.Constant(0), Gen.Elements(-1000, 1000)), count * GroupSize)
                select new WeightGroups([.. values.Select(value => value * MathF.ScaleB(1f, exponent))]);
            return Arb.From(groups, drawn => Fewer(drawn.Values).Select(values => new WeightGroups(values)));
        }
    }

    /// <summary>A group whose values lie on the grid of a format, its ends included.</summary>
    public static Arbitrary<GridGroup> GridGroups
    {
        get
        {
            Gen<GridGroup> groups =
                from levels in Gen.ArrayOf(Gen.Choose(-7, 7), GroupSize - 1)
                from extremum in Gen.Elements(-8, 7, -7)
                from exponent in Gen.Choose(-20, 20)
                from eight in Gen.Elements(true, false)
                select new GridGroup([.. levels, extremum], exponent, eight);
            return Arb.From(groups, group => Draw.Nearer(0, group.Exponent).Select(exponent => group with { Exponent = exponent }));
        }
    }

    /// <summary>None to six tensors of up to four extents.</summary>
    public static Arbitrary<StoredTensors> StoredTensors
    {
        get
        {
            Arbitrary<string> types = Draw.OneOf("U8", "BF16", "F32", "I64");
            Arbitrary<int[]> extents = Draw.List(0, 4, Draw.Between(0, 5));
            Gen<StoredTensor> tensor = from type in types.Generator from e in extents.Generator select new StoredTensor(type, e);
            return Draw.List(0, 6, Arb.From(tensor, one => extents.Shrinker(one.Extents).Select(e => one with { Extents = e })))
                .Convert(list => new StoredTensors(list), tensors => tensors.List);
        }
    }

    // Half of the groups, or zero in place of a value.
    private static float[][] Fewer(float[] values) =>
    [
        .. values.Length > GroupSize ? [values[..GroupSize], values[GroupSize..]] : (float[][])[],
        .. Enumerable.Range(0, values.Length).Where(at => values[at] != 0).Select(at => (float[])[.. values[..at], 0, .. values[(at + 1)..]]),
    ];
}

/// <summary>Groups of weights.</summary>
public sealed record WeightGroups(float[] Values)
{
    public override string ToString() => string.Join(", ", Values);
}

/// <summary>A group of whole steps of 2^exponent, for INT4 or INT8.</summary>
public sealed record GridGroup(int[] Levels, int Exponent, bool Eight)
{
    public override string ToString() => $"{(Eight ? "INT8" : "INT4")}, steps of 2^{Exponent}: {string.Join(", ", Levels)}";
}

/// <summary>A tensor of a safetensors file.</summary>
public sealed record StoredTensor(string Type, int[] Extents)
{
    public override string ToString() => $"{Type} [{string.Join(", ", Extents)}]";
}

/// <summary>The tensors of a safetensors file.</summary>
public sealed record StoredTensors(StoredTensor[] List)
{
    public override string ToString() => string.Join("; ", (object[])List);
}
