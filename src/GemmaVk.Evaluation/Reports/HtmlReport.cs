using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Text;

namespace GemmaVk.Evaluation.Reports;

/// <summary>A report as one HTML file that needs nothing else.</summary>
public static class HtmlReport
{
    private const int MostLines = 200;

    private const string Style = """
        body{font:14px/1.45 system-ui,sans-serif;margin:24px auto;max-width:1180px;padding:0 16px;color:#1b1f24;background:#fff}
        h1{font-size:20px;margin:0 0 4px}h2{font-size:16px;margin:32px 0 8px}p{margin:4px 0;color:#57606a}li{color:#57606a}
        table{border-collapse:collapse;width:100%;font-size:12.5px;margin-top:12px}
        th,td{padding:3px 8px;text-align:right;border-bottom:1px solid #e3e6ea;vertical-align:top}
        th{color:#57606a;font-weight:600}.l{text-align:left;overflow-wrap:anywhere}
        svg{display:block;max-width:100%;height:auto;margin:8px 0}svg text{font:11px system-ui,sans-serif;fill:#57606a}
        .key{display:flex;flex-wrap:wrap;gap:4px 16px;margin:8px 0;font-size:12.5px}.key i{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:5px}
        """;

    /// <summary>The page.</summary>
    public static string Html(EvalReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        StringBuilder html = new();
        html.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
        html.Append($"<title>GemmaVk: {Encoded(report.Title)}</title>\n<style>\n{Style}\n</style></head><body>\n");
        html.Append($"<h1>{Encoded(report.Title)}</h1>\n<p>{Encoded(string.Join("; ", report.Origin.Select(each => $"{each.Key} {each.Value}")))}</p>\n");
        foreach (ReportTable table in ReportTables.Of(report))
        {
            html.Append($"<h2>{Encoded(table.Title)}</h2>\n");
            Append(html, table);
            html.Append($"<p>{Encoded(table.Note)}</p>\n");
            Plots(html, table.Title, report);
        }

        Lines(html, "Lines that were left out", report.LeftOut);
        Lines(html, "Questions that could not be asked", report.Run?.Failed ?? []);
        return html.Append("</body></html>\n").ToString();
    }

    /// <summary>Text that is no markup.</summary>
    internal static string Encoded(string text) => WebUtility.HtmlEncode(Tensors.VisibleText.Line(text));

    private static void Plots(StringBuilder html, string title, EvalReport report)
    {
        if (title == "Tasks" && report.Tasks.Count > 0)
        {
            html.Append(EvalPlots.Tasks(report.Tasks));
        }

        if (title == "Against stored logits")
        {
            html.Append("<div class=\"key\">");
            for (int i = 0; i < report.Against.Count; i++)
            {
                html.Append($"<span><i style=\"background:{EvalPlots.Colour(i)}\"></i>{Encoded(report.Against[i].File)}</span>");
            }

            html.Append("</div>\n<p>Agreement of the likeliest token by place in the window, with 95 % intervals</p>\n").Append(EvalPlots.ByPlace(report.Against));
            html.Append("<p>Divergence of single tokens</p>\n").Append(EvalPlots.Histogram(report.Against));
        }
    }

    private static void Append(StringBuilder html, ReportTable table)
    {
        string[] classes = [.. table.Headings.Select(heading => heading.StartsWith('>') ? "" : " class=\"l\"")];
        html.Append("<table><tr>").AppendJoin("", table.Headings.Select((heading, i) => $"<th{classes[i]}>{Encoded(heading.TrimStart('>'))}</th>")).Append("</tr>\n");
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            html.Append("<tr>").AppendJoin("", row.Select((cell, i) => $"<td{classes[i]}>{Encoded(cell)}</td>")).Append("</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void Lines(StringBuilder html, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        html.Append($"<h2>{Encoded(title)}</h2>\n<ul>\n").AppendJoin("", lines.Take(MostLines).Select(line => $"<li>{Encoded(line)}</li>\n")).Append("</ul>\n");
        html.Append(lines.Count > MostLines ? $"<p>and {lines.Count - MostLines} more</p>\n" : "");
    }
}
