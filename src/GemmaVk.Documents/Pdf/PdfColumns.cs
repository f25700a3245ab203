using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Documents.Pdf;

/// <summary>
/// The order in which a page is read. Rows that share a gutter, with running text on both of its sides, are columns: the left one is read to its end before the right one.
/// Pieces of other rows are cells of a table, which are read row by row.
/// </summary>
internal static class PdfColumns
{
    private const int LeastRows = 4;
    private const double LeastGutter = 8;
    private const int DeepestCut = 6;

    // Running text fills its column, cells of a table do not.
    private const double LeastFill = 0.55;
    private const double LeastWords = 2.5;

    /// <summary>Lines of a page in reading order.</summary>
    public static List<PdfLine> Read(List<List<PdfLine>> rows)
    {
        List<PdfLine> lines = [];
        int column = 0;
        Read(rows, 0, ref column, lines);
        return lines;
    }

    private static void Read(List<List<PdfLine>> rows, int depth, ref int column, List<PdfLine> lines)
    {
        int at = 0;
        while (at < rows.Count)
        {
            (int end, double gutter) = depth < DeepestCut ? Region(rows, at) : (at, 0);
            if (end - at < LeastRows || !AreColumns(rows, at, end, gutter))
            {
                lines.Add(Joined(rows[at]) with { Column = column });
                at++;
                continue;
            }

            for (int side = 0; side < 2; side++)
            {
                column++;
                List<List<PdfLine>> half = [.. rows.GetRange(at, end - at).Select(row => row.Where(piece => (piece.Right <= gutter) == (side == 0)).ToList()).Where(row => row.Count > 0)];
                Read(half, depth + 1, ref column, lines);
            }

            column++;
            at = end;
        }
    }

    /// <summary>The longest run of rows from one on that leave a strip free, and the middle of the strip.</summary>
    private static (int End, double Gutter) Region(List<List<PdfLine>> rows, int start)
    {
        List<(double Left, double Right)> free = [];
        (double left, double right) = (double.MaxValue, double.MinValue);
        (int end, double gutter) = (start, 0);
        for (int i = start; i < rows.Count; i++)
        {
            List<(double Left, double Right)> gaps = Gaps(rows[i]);
            free = i == start ? gaps : Shared(free, gaps);
            (left, right) = (Math.Min(left, rows[i][0].Left), Math.Max(right, rows[i][^1].Right));
            // What is free beside the text is no gutter: both sides have text.
            (double Left, double Right) widest = free.Where(gap => gap.Left > left && gap.Right < right).OrderByDescending(gap => gap.Right - gap.Left).FirstOrDefault();
            if (widest != default)
            {
                (end, gutter) = (i + 1, (widest.Left + widest.Right) / 2);
            }
            else if (gutter > 0 || free.Count == 0)
            {
                break;
            }
        }

        return (end, gutter);
    }

    private static List<(double Left, double Right)> Gaps(List<PdfLine> row)
    {
        List<(double, double)> gaps = [(-10_000, row[0].Left)];
        for (int i = 1; i < row.Count; i++)
        {
            gaps.Add((row[i - 1].Right, row[i].Left));
        }

        gaps.Add((row[^1].Right, 10_000));
        return gaps;
    }

    private static List<(double Left, double Right)> Shared(List<(double Left, double Right)> a, List<(double Left, double Right)> b)
    {
        List<(double, double)> shared = [];
        int i = 0, j = 0;
        while (i < a.Count && j < b.Count)
        {
            (double left, double right) = (Math.Max(a[i].Left, b[j].Left), Math.Min(a[i].Right, b[j].Right));
            if (right - left >= LeastGutter)
            {
                shared.Add((left, right));
            }

            _ = a[i].Right < b[j].Right ? i++ : j++;
        }

        return shared;
    }

    private static bool AreColumns(List<List<PdfLine>> rows, int start, int end, double gutter)
    {
        PdfLine[] all = [.. rows.GetRange(start, end - start).SelectMany(row => row)];
        PdfLine[] left = [.. all.Where(piece => piece.Right <= gutter)];
        PdfLine[] right = [.. all.Where(piece => piece.Right > gutter)];
        return left.Length >= LeastRows && right.Length >= LeastRows && IsRunning(left) && IsRunning(right);
    }

    private static bool IsRunning(PdfLine[] pieces)
    {
        double width = pieces.Max(piece => piece.Right) - pieces.Min(piece => piece.Left);
        return pieces.Average(piece => piece.Right - piece.Left) >= LeastFill * width && pieces.Average(piece => piece.Text.Count(letter => letter == ' ') + 1) >= LeastWords;
    }

    private static PdfLine Joined(List<PdfLine> row) => row.Count == 1
        ? row[0]
        : row[0] with { Text = string.Join(" | ", row.Select(piece => piece.Text)), Right = row[^1].Right, IsBold = row.All(piece => piece.IsBold), Size = row.Max(piece => piece.Size) };
}
