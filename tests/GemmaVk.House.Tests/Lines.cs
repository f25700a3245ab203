using System;

namespace GemmaVk.House.Tests;

/// <summary>Counting as an editor does.</summary>
internal static class Lines
{
    /// <summary>Lines of a text; a newline at the end begins no further one.</summary>
    public static int AsLines(this string text) => text.AsSpan().Count('\n') + (text.Length == 0 || text.EndsWith('\n') ? 0 : 1);
}
