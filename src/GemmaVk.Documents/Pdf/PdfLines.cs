using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using UglyToad.PdfPig.Content;

namespace GemmaVk.Documents.Pdf;

/// <summary>Letters of a page as lines: letters on one base line, cut where a gap is too wide for a space between words.</summary>
internal static class PdfLines
{
    // In sizes of the letter before: narrower is inside a word, wider ends a piece of the line.
    private const double WordGap = 0.2;
    private const double PieceGap = 1.3;

    /// <summary>Rows from top to bottom, each with its pieces from left to right.</summary>
    public static List<List<PdfLine>> Rows(IReadOnlyList<Letter> letters)
    {
        Letter[] upright = [.. letters.Where(letter => letter.TextOrientation == TextOrientation.Horizontal && letter.Value.Length > 0)];
        Array.Sort(upright, (a, b) => b.StartBaseLine.Y.CompareTo(a.StartBaseLine.Y));
        List<List<PdfLine>> rows = [];
        List<Letter> row = [];
        double baseLine = 0;
        foreach (Letter letter in upright)
        {
            if (row.Count > 0 && baseLine - letter.StartBaseLine.Y > 0.45 * Size(letter))
            {
                Add(rows, row);
                row.Clear();
            }

            if (row.Count == 0)
            {
                baseLine = letter.StartBaseLine.Y;
            }

            row.Add(letter);
        }

        Add(rows, row);
        string turned = string.Concat(letters.Where(letter => letter.TextOrientation != TextOrientation.Horizontal).Select(letter => letter.Value)).Trim();
        if (turned.Length > 0)
        {
            rows.Add([new PdfLine(turned, 0, 0, double.MinValue, 0, false)]);
        }

        return rows;
    }

    private static double Size(Letter letter) => letter.PointSize is > 0.1 and < 1000 and var size ? size : 10;

    private static void Add(List<List<PdfLine>> rows, List<Letter> row)
    {
        row.Sort((a, b) => a.StartBaseLine.X.CompareTo(b.StartBaseLine.X));
        List<PdfLine> pieces = [];
        StringBuilder text = new();
        int first = 0;
        for (int i = 0; i < row.Count; i++)
        {
            Letter letter = row[i];
            if (i > 0)
            {
                Letter before = row[i - 1];
                double size = Math.Max(Size(before), Size(letter));
                double gap = letter.StartBaseLine.X - before.EndBaseLine.X;
                // Bold print is sometimes made by writing a letter twice.
                if (letter.Value == before.Value && Math.Abs(letter.StartBaseLine.X - before.StartBaseLine.X) < 0.1 * size)
                {
                    continue;
                }

                if (gap > PieceGap * size)
                {
                    Piece(pieces, row, first, i, text);
                    first = i;
                }
                else if (gap > WordGap * size && text.Length > 0 && text[^1] != ' ')
                {
                    text.Append(' ');
                }
            }

            text.Append(string.IsNullOrWhiteSpace(letter.Value) ? text.Length > 0 && text[^1] != ' ' ? " " : "" : letter.Value);
        }

        if (row.Count > 0)
        {
            Piece(pieces, row, first, row.Count, text);
        }

        if (pieces.Count > 0)
        {
            rows.Add(pieces);
        }
    }

    private static void Piece(List<PdfLine> pieces, List<Letter> row, int first, int end, StringBuilder text)
    {
        string words = text.ToString().Trim();
        text.Clear();
        if (words.Length == 0)
        {
            return;
        }

        Letter[] seen = [.. row.GetRange(first, end - first).Where(letter => !string.IsNullOrWhiteSpace(letter.Value))];
        double size = seen.GroupBy(letter => Math.Round(Size(letter), 1)).OrderByDescending(group => group.Count()).First().Key;
        pieces.Add(new PdfLine(
            words, seen.Min(letter => letter.StartBaseLine.X), seen.Max(letter => letter.EndBaseLine.X), seen[0].StartBaseLine.Y, size,
            seen.All(letter => letter.FontDetails is { IsBold: true } || letter.FontName?.Contains("Bold", StringComparison.OrdinalIgnoreCase) == true)));
    }
}
