using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace GemmaVk.Evaluation.Reports;

/// <summary>A report as Markdown, which also reads well as it stands.</summary>
public static class MarkdownReport
{
    /// <summary>All of it.</summary>
    public static string Text(EvalReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        StringBuilder text = new();
        text.Append("# ").Append(Cell(report.Title)).Append("\n\n");
        text.Append(string.Join("; ", report.Origin.Select(each => $"{each.Key} {Cell(each.Value)}"))).Append('\n');
        foreach (ReportTable table in ReportTables.Of(report))
        {
            text.Append("\n## ").Append(table.Title).Append("\n\n");
            Append(text, table);
            text.Append('\n').Append(table.Note).Append('\n');
        }

        foreach ((string title, IReadOnlyList<string> lines) in ((string, IReadOnlyList<string>)[])[("Lines that were left out", report.LeftOut), ("Questions that could not be asked", report.Run?.Failed ?? [])])
        {
            if (lines.Count > 0)
            {
                text.Append("\n## ").Append(title).Append("\n\n");
                foreach (string line in lines)
                {
                    text.Append("- ").Append(Cell(line)).Append('\n');
                }
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, ReportTable table)
    {
        bool[] numbers = [.. table.Headings.Select(heading => heading.StartsWith('>'))];
        string[][] rows = [[.. table.Headings.Select(heading => heading.TrimStart('>'))], .. table.Rows.Select(row => row.Select(Cell).ToArray())];
        int[] widths = [.. numbers.Select((_, column) => rows.Max(row => row[column].Length))];
        for (int i = 0; i < rows.Length; i++)
        {
            text.Append("| ").AppendJoin(" | ", rows[i].Select((cell, column) => numbers[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).Append(" |\n");
            if (i == 0)
            {
                text.Append('|').AppendJoin('|', widths.Select((width, column) => numbers[column] ? new string('-', width + 1) + ":" : new string('-', width + 2))).Append("|\n");
            }
        }
    }

    private static string Cell(string text) => Tensors.VisibleText.Line(text).Replace("|", "\\|", StringComparison.Ordinal);
}
