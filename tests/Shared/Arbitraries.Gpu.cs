using FsCheck;
using FsCheck.Fluent;

namespace GemmaVk.Shared;

public static partial class Arbitraries
{
    /// <summary>Commands of one to five accesses to two small buffers.</summary>
    public static Arbitrary<CommandAccesses> CommandAccesses
    {
        get
        {
            Gen<DrawnAccess> access =
                from buffer in Gen.Choose(1, 2)
                from offset in Gen.Choose(0, 12)
                from size in Gen.Choose(1, 4)
                from kind in Gen.Choose(0, 2)
                select new DrawnAccess(buffer, offset, size, kind != 1, kind != 0);
            return Draw.List(0, 60, Draw.List(1, 5, access.ToArbitrary())).Convert(list => new CommandAccesses(list), commands => commands.List);
        }
    }
}

/// <summary>A range of a buffer that is read, written, or both.</summary>
public readonly record struct DrawnAccess(int Buffer, int Offset, int Size, bool Reads, bool Writes)
{
    public override string ToString() => $"{(Reads ? "r" : "")}{(Writes ? "w" : "")} {Buffer}[{Offset}, {Offset + Size})";
}

/// <summary>What each of some commands touches.</summary>
public sealed record CommandAccesses(DrawnAccess[][] List)
{
    public override string ToString() => string.Join(" | ", System.Linq.Enumerable.Select(List, command => string.Join(", ", command)));
}
