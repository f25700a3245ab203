using System;

namespace GemmaVk.Documents;

/// <summary>What reading a document may cost. A file beyond a limit is refused by a sentence that names the limit, before anything is allocated by what the file says of itself.</summary>
public sealed record DocumentLimits
{
    /// <summary>The limits that hold unless others are given.</summary>
    public static DocumentLimits Default { get; } = new();

    /// <summary>Most bytes of a file, which is read into memory.</summary>
    public long FileBytes { get; init; } = 256L << 20;

    /// <summary>Most pages that are read of one document; <see cref="PageRange"/> chooses which.</summary>
    public int Pages { get; init; } = 5000;

    /// <summary>Most characters of a document's text.</summary>
    public int Letters { get; init; } = 64 << 20;

    /// <summary>Most files in a packed document (DOCX, ODT, EPUB).</summary>
    public int Entries { get; init; } = 20_000;

    /// <summary>Most bytes that the parts of a packed document unpack to, together.</summary>
    public long UnpackedBytes { get; init; } = 256L << 20;

    /// <summary>Most bytes that one packed byte may unpack to, beyond the first mebibyte. Text reaches about 20, a file made to do harm 1,000.</summary>
    public int Ratio { get; init; } = 200;

    /// <summary>Deepest nesting of XML elements.</summary>
    public int Depth { get; init; } = 256;

    /// <summary>Most pages without text that are drawn as pictures for one question.</summary>
    public int Pictures { get; init; } = 32;

    /// <summary>Longest time that drawing one page may take.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(1);
}
