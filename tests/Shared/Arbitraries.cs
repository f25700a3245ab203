using System.Linq;
using FsCheck;
using FsCheck.Fluent;

[assembly: GemmaVk.Shared.PropertiesOfThisRoom]

namespace GemmaVk.Shared;

/// <summary>
/// How the values of properties are drawn and made simpler. A property asks for them by the types of its parameters. This file serves
/// every room; values of one room alone are in Arbitraries.Room.cs beside it, which that room's tests compile.
/// </summary>
public static partial class Arbitraries
{
    /// <summary>Seeds of what a test fills in itself.</summary>
    public static Arbitrary<Seed> Seeds => Arb.From(Gen.Choose(0, 1 << 20), seed => seed == 0 ? [] : [0]).Convert(value => new Seed(value), seed => seed.Value);

    /// <summary>One to four damages, some of them in the first bytes, many of them with a letter that JSON knows.</summary>
    public static Arbitrary<Damages> Damages => DamagesAt(Gen.Frequency((1, Gen.Choose(0, 7)), (9, Gen.Choose(0, 1 << 20)))).Convert(list => new Damages(list), damages => damages.List);

    /// <summary>One to four damages, most of them where short headers are.</summary>
    public static Arbitrary<HeaderDamages> HeaderDamages =>
        DamagesAt(Gen.Frequency((4, Gen.Choose(0, 60)), (1, Gen.Choose(0, 300)))).Convert(list => new HeaderDamages(list), damages => damages.List);

    private static Arbitrary<Damage[]> DamagesAt(Gen<int> place)
    {
        Gen<Damage> one =
            // Most change one byte, so that enough of a file survives to be read further.
            from kind in Gen.Elements(
                DamageKind.Set, DamageKind.Set, DamageKind.Set, DamageKind.Flip, DamageKind.Flip, DamageKind.Insert, DamageKind.Remove, DamageKind.Repeat, DamageKind.Cut)
            from at in place
            from value in Gen.OneOf(Gen.Choose(0, 255), Gen.Elements("\"{}[],:90-e\\ tfn|<>".Select(letter => (int)letter)))
            select new Damage(kind, at, value);
        return Draw.List(1, 4, Arb.From(one, damage => Draw.Nearer(0, damage.At).Select(at => damage with { At = at })));
    }
}

/// <summary>A seed of pseudo-random numbers.</summary>
public readonly record struct Seed(int Value)
{
    public static implicit operator int(Seed seed) => seed.Value;

    /// <summary>One of some values, the first for seed 0.</summary>
    public T Pick<T>(params T[] values) => values[Value % values.Length];

    public override string ToString() => $"seed {Value}";
}

/// <summary>Some damages of bytes.</summary>
public sealed record Damages(Damage[] List)
{
    /// <summary>The damaged bytes. Places count within the first <paramref name="length"/>, or within all.</summary>
    public byte[] Apply(byte[] original, int length = 0) => Mutation.Apply(original, List, length);

    public override string ToString() => string.Join(", ", List);
}

/// <summary>Some damages of bytes, most of them near the start.</summary>
public sealed record HeaderDamages(Damage[] List)
{
    public override string ToString() => string.Join(", ", List);
}
