using System;

namespace GemmaVk.Documents;

/// <summary>A piece of a document that can be found, quoted and cited by itself.</summary>
/// <param name="File">The file: its name, or its path below an indexed folder.</param>
/// <param name="Page">Its page from 1, or null for kinds without pages.</param>
/// <param name="Heading">The headings above it, outermost first, joined by " > "; empty without any.</param>
/// <param name="Text">Its text.</param>
public sealed record Passage(string File, int? Page, string Heading, string Text)
{
    /// <summary>What a citation of it says: <c>[manual.pdf p. 3]</c>.</summary>
    public string Mark => FormattableString.Invariant($"[{File}{(Page is { } page ? $" p. {page}" : "")}]");
}
