using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Documents;

/// <summary>What was read of a file: its text in reading order, and which pages have none.</summary>
/// <param name="Name">What it is called in citations: the file's name without its folder.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Blocks">Headings and paragraphs in reading order.</param>
/// <param name="Pages">Pages of the whole file; 0 for kinds without pages.</param>
/// <param name="Wordless">Pages that were read and have no text: scans and drawings.</param>
/// <param name="Notes">What is not to be passed over: pages left out, parts that could not be read.</param>
public sealed record Document(
    string Name, DocumentKind Kind, IReadOnlyList<DocumentBlock> Blocks, int Pages, IReadOnlyList<int> Wordless, IReadOnlyList<string> Notes)
{
    /// <summary>The file's bytes, kept only where <see cref="Wordless"/> pages are to be drawn from them.</summary>
    public byte[]? Source { get; init; }

    /// <summary>Characters of its text.</summary>
    public long Letters => Blocks.Sum(block => (long)block.Text.Length);
}

/// <summary>A heading or a paragraph.</summary>
/// <param name="Text">Its text, in one line but for code and tables.</param>
/// <param name="Level">1 to 6 for a heading, 0 for a paragraph.</param>
/// <param name="Page">The page it stands on, from 1; 0 for kinds without pages.</param>
public readonly record struct DocumentBlock(string Text, int Level = 0, int Page = 0);
