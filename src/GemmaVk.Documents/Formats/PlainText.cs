using System;
using System.Collections.Generic;
using System.Text;

namespace GemmaVk.Documents.Formats;

/// <summary>Text, source code and Markdown: paragraphs end at blank lines, and lines stay lines.</summary>
internal static class PlainText
{
    /// <summary>The blocks of a text.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="markdown">Whether lines that begin with #, or are underlined, are headings; not inside fences.</param>
    /// <param name="blocks">Gets them.</param>
    public static void Read(string text, bool markdown, BlockList blocks)
    {
        StringBuilder paragraph = new();
        string? fence = null;
        string last = "";
        foreach (ReadOnlySpan<char> row in text.AsSpan().EnumerateLines())
        {
            string line = row.TrimEnd().ToString();
            string start = line.TrimStart();
            if (markdown && (start.StartsWith("```", StringComparison.Ordinal) || start.StartsWith("~~~", StringComparison.Ordinal)))
            {
                fence = fence is null ? start[..3] : start.StartsWith(fence, StringComparison.Ordinal) ? null : fence;
            }

            if (fence is null && line.Length == 0)
            {
                End(paragraph, blocks);
            }
            else if (markdown && fence is null && Heading(start) is { } heading)
            {
                End(paragraph, blocks);
                blocks.Add(heading.Text, heading.Level);
            }
            else if (markdown && fence is null && Underlined(start, last) is > 0 and var level && paragraph.ToString().Trim() == last)
            {
                paragraph.Clear();
                blocks.Add(last, level);
            }
            else
            {
                paragraph.Append(line).Append('\n');
            }

            last = start;
        }

        End(paragraph, blocks);
    }

    private static void End(StringBuilder paragraph, BlockList blocks)
    {
        blocks.Add(paragraph.ToString());
        paragraph.Clear();
    }

    private static (string Text, int Level)? Heading(string line)
    {
        int level = 0;
        while (level < line.Length && line[level] == '#')
        {
            level++;
        }

        return level is >= 1 and <= 6 && level < line.Length && line[level] is ' ' or '\t' && line[level..].Trim().TrimEnd('#').Trim() is { Length: > 0 } text ? (text, level) : null;
    }

    private static int Underlined(string line, string above) => above.Length == 0 || line.Length < 3 ? 0
        : line.AsSpan().Trim('=').IsEmpty ? 1
        : line.AsSpan().Trim('-').IsEmpty ? 2
        : 0;
}
