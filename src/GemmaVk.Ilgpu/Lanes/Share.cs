using ILGPU;

namespace GemmaVk.Ilgpu.Lanes;

/// <summary>
/// What this group does of a launch: consecutive units. On a GPU there are as many groups as rows, or as blocks of elements;
/// on the CPU as many as cores, each with a long stretch, because handing out a unit costs more than most units.
/// </summary>
internal readonly struct Share
{
    /// <summary>First unit.</summary>
    public readonly long From;

    /// <summary>End of the units.</summary>
    public readonly long To;

    /// <summary>The first unit of this thread, where threads own units.</summary>
    public readonly long First;

    /// <summary>From one unit of this thread to its next.</summary>
    public readonly int Step;

    /// <summary>This group's share of <paramref name="count"/> units.</summary>
    public Share(long count)
    {
        long each = (count + Grid.DimX - 1) / Grid.DimX;
        From = Grid.IdxX * each;
        To = From + each < count ? From + each : count;
        First = From + Group.IdxX;
        Step = Group.DimX;
    }
}
