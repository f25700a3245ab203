using System;

namespace GemmaVk.Media.Png;

/// <summary>A picture inside an interlaced one: every so many columns and rows, from a first one.</summary>
internal readonly record struct PngPass(int Left, int Top, int AcrossStep, int DownStep)
{
    private static readonly PngPass[] One = [new(0, 0, 1, 1)];

    private static readonly PngPass[] Seven =
        [new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2)];

    public static ReadOnlySpan<PngPass> Whole => One;

    public static ReadOnlySpan<PngPass> Adam7 => Seven;

    public int Columns(int width) => Math.Max((int)(((long)width - Left + AcrossStep - 1) / AcrossStep), 0);

    public int Rows(int height) => Math.Max((int)(((long)height - Top + DownStep - 1) / DownStep), 0);
}
