using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using GemmaVk.Documents.Formats;

namespace GemmaVk.Documents.Pdf;

/// <summary>
/// Lines of all pages as headings and paragraphs. A heading is set larger than most letters of the document, or bold and short; its level is the rank of its size. Lines that
/// stand at the top or bottom of most pages, but for their digits, are running heads and page numbers, and go.
/// </summary>
internal static class PdfParagraphs
{
    private const double HeadingRatio = 1.15;
    private const int LongestHeading = 160;
    private const int EdgeLines = 2;

    /// <summary>Adds the blocks.</summary>
    /// <param name="pages">Lines of each page in reading order, by its number.</param>
    /// <param name="blocks">Gets them.</param>
    public static void Add(IReadOnlyList<(int Page, List<PdfLine> Lines)> pages, BlockList blocks)
    {
        double body = BodySize(pages);
        HashSet<string> running = Running(pages);
        double[] larger = [.. pages.SelectMany(page => page.Lines).Where(line => line.Size >= HeadingRatio * body && line.Text.Length <= LongestHeading)
            .Select(line => Math.Round(line.Size)).Distinct().OrderDescending()];
        foreach ((int page, List<PdfLine> lines) in pages)
        {
            StringBuilder text = new();
            PdfLine? last = null;
            int level = 0;
            double pitch = Pitch(lines, body);
            for (int i = 0; i < lines.Count; i++)
            {
                PdfLine line = lines[i];
                if (IsEdge(i, lines.Count) && running.Contains(Shape(line.Text)))
                {
                    continue;
                }

                int own = Level(line, body, larger);
                if (last is not null && (own != level || last.Column != line.Column || last.Base - line.Base > 1.4 * (own > 0 ? Math.Max(pitch, 1.3 * line.Size) : pitch) || line.Base > last.Base))
                {
                    blocks.AddRunning(text, level, page);
                }

                Append(text, line.Text);
                (last, level) = (line, own);
            }

            blocks.AddRunning(text, level, page);
        }
    }

    private static double BodySize(IReadOnlyList<(int Page, List<PdfLine> Lines)> pages) => pages.SelectMany(page => page.Lines)
        .GroupBy(line => Math.Round(line.Size, 1)).OrderByDescending(group => group.Sum(line => (long)line.Text.Length)).FirstOrDefault()?.Key ?? 10;

    /// <summary>What most lines of a page are apart.</summary>
    private static double Pitch(List<PdfLine> lines, double body)
    {
        double[] steps = [.. lines.Zip(lines.Skip(1), (a, b) => a.Base - b.Base).Where(step => step > 0.8 * body && step < 2.5 * body).Order()];
        return steps.Length > 0 ? steps[steps.Length / 2] : 1.3 * body;
    }

    private static int Level(PdfLine line, double body, double[] larger)
    {
        if (line.Text.Length > LongestHeading || !line.Text.Any(char.IsLetter))
        {
            return 0;
        }

        int rank = Array.IndexOf(larger, Math.Round(line.Size));
        return line.Size >= HeadingRatio * body && rank >= 0 ? Math.Min(rank + 1, 5)
            : line.IsBold && line.Text.Length <= 80 && line.Size >= body && line.Text[^1] is not ('.' or ',' or ';') ? Math.Min(larger.Length + 1, 6)
            : 0;
    }

    private static bool IsEdge(int index, int count) => index < EdgeLines || index >= count - EdgeLines;

    private static HashSet<string> Running(IReadOnlyList<(int Page, List<PdfLine> Lines)> pages)
    {
        Dictionary<string, int> seen = [];
        foreach ((_, List<PdfLine> lines) in pages)
        {
            foreach (string shape in lines.Where((_, i) => IsEdge(i, lines.Count)).Select(line => Shape(line.Text)).Distinct())
            {
                seen[shape] = seen.GetValueOrDefault(shape) + 1;
            }
        }

        return [.. seen.Where(line => line.Value >= 3 && line.Value * 2 > pages.Count).Select(line => line.Key)];
    }

    private static string Shape(string text) => string.Concat(text.Select(letter => char.IsDigit(letter) ? '0' : letter)).Replace("00", "0", StringComparison.Ordinal).Replace("00", "0", StringComparison.Ordinal);

    // A word that was cut at the end of a line is one again; a hyphen before a capital or a digit belongs to the word.
    private static void Append(StringBuilder text, string line)
    {
        if (text.Length > 1 && text[^1] == '-' && char.IsLetter(text[^2]) && line.Length > 0 && char.IsLower(line[0]))
        {
            text.Length--;
            text.Append(line);
        }
        else
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(line);
        }
    }
}
