using System;

namespace GemmaVk.Cpu.Kernels.Attention;

/// <summary>The positions that a row sees: First .. Last, none when Last is below First.</summary>
internal readonly record struct Sight(int First, int Last)
{
    /// <summary>The mask of the spec; window 0 is no window.</summary>
    public static Sight Of(int position, int reach, int window) =>
        new(window == 0 ? 0 : Math.Max(0, position - window + 1), reach);

    public int Count => Math.Max(0, Last - First + 1);
}
