using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using GemmaVk.Cli.Instruments;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Steps;

/// <summary>Passes as one HTML file that needs nothing else: a roofline, a timeline and a table for each.</summary>
internal static class StepPage
{
    private const string Style = """
        body{font:14px/1.45 system-ui,sans-serif;margin:24px auto;max-width:1180px;padding:0 16px;color:#1b1f24;background:#fff}
        h1{font-size:20px;margin:0 0 4px}h2{font-size:16px;margin:32px 0 8px}p{margin:4px 0;color:#57606a}
        table{border-collapse:collapse;width:100%;font-size:12.5px;margin-top:12px}
        th,td{padding:3px 8px;text-align:right;border-bottom:1px solid #e3e6ea;white-space:nowrap}
        th{color:#57606a;font-weight:600}.l{text-align:left}td.s{white-space:normal}
        svg{display:block;max-width:100%;height:auto;margin:8px 0}svg text{font:11px system-ui,sans-serif;fill:#57606a}
        .key{display:flex;flex-wrap:wrap;gap:4px 16px;margin:8px 0;font-size:12.5px}.key i{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:5px}
        """;

    /// <summary>Writes the page, whole or not at all.</summary>
    public static void Write(OutputTarget target, StepReport report) => target.Write(stream =>
    {
        using StreamWriter writer = new(stream, new UTF8Encoding(false), leaveOpen: true);
        writer.Write(Html(report));
    });

    /// <summary>The page.</summary>
    public static string Html(StepReport report)
    {
        KernelColours colours = new(report.Passes.SelectMany(pass => pass.Calls).Select(call => call.Kernel));
        StringBuilder html = new();
        html.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
        html.Append($"<title>GemmaVk: kernels of a step</title>\n<style>\n{Style}\n</style></head><body>\n");
        html.Append($"<h1>Kernels of a step</h1>\n<p>{Text($"{report.Device.Name}, {report.Device.Driver}, cache {report.Cache}; {Provenance.Program}")}</p>\n");
        html.Append($"<p>{Text(KernelsReport.InWords(report.Peaks))}</p>\n");
        html.Append(colours.Key());
        foreach (StepTrace pass in report.Passes)
        {
            html.Append($"<h2>{Text(StepReport.Heading(pass))}</h2>\n");
            html.Append(RooflinePlot.Svg(pass, report.Peaks, colours));
            html.Append("<p>A point is a kernel at one shape, its area the share of the pass. Left of a corner memory is the limit, right of it arithmetic.</p>\n");
            html.Append(TimelinePlot.Svg(pass, colours));
            html.Append("<p>Every dispatch from left to right, line after line; white is the device at rest.</p>\n");
            Table(html, pass, report.Peaks, colours);
        }

        return html.Append("</body></html>\n").ToString();
    }

    /// <summary>Text that is no markup.</summary>
    internal static string Text(string text) => WebUtility.HtmlEncode(text);

    private static void Table(StringBuilder html, StepTrace pass, DevicePeaks peaks, KernelColours colours)
    {
        html.Append("<table><tr><th class=\"l\">kernel</th><th class=\"l\">shape</th><th class=\"l\">ran as</th><th>calls</th><th>&micro;s each</th><th>of pass</th><th>GB/s</th><th>Gop/s</th><th>of limit</th><th class=\"l\">limit</th><th>gaps &micro;s</th></tr>\n");
        foreach (StepGroup group in pass.Groups())
        {
            (Limit limit, double share) = peaks.Binding(group.Cost, group.Each, group.Dispatches);
            html.Append(string.Create(
                CultureInfo.InvariantCulture,
                $"<tr><td class=\"l\"><i style=\"color:{colours.Of(group.Kernel)}\">&#9632;</i> {Text(group.Kernel)}</td><td class=\"l s\">{Text(group.Shape)}</td><td class=\"l s\">{Text(group.Modules)}</td><td>{group.Count}</td><td>{group.Each * 1e6:F1}</td><td>{group.Seconds / pass.Length.TotalSeconds:P1}</td><td>{group.Cost.Bytes / group.Each / 1e9:F2}</td><td>{group.Cost.Operations / group.Each / 1e9:F2}</td><td>{KernelsReport.Percent(share)}</td><td class=\"l\">{KernelsReport.Word(limit, group.Cost.Arithmetic)}</td><td>{group.GapSeconds * 1e6:F1}</td></tr>\n"));
        }

        html.Append("</table>\n");
        if (StepReport.IsAbove(pass, peaks))
        {
            html.Append("<p>").Append(KernelsReport.AboveLimit).Append("</p>\n");
        }
    }
}
