using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using GemmaVk.Evaluation.Agreement;

namespace GemmaVk.Evaluation.Reports;

/// <summary>The plots of a report, as SVG.</summary>
internal static class EvalPlots
{
    private const int Width = 1120;
    private const int Height = 300;
    private const int Left = 70;
    private const int Right = 20;
    private const int Top = 14;
    private const int Bottom = 44;
    private const int TaskLine = 26;
    private const int TaskLeft = 240;

    private static readonly string[] Palette = ["#2f6fb3", "#c2571a", "#3a8f4d", "#8a4fa8", "#b03a48", "#6b7280"];

    /// <summary>The colour of the i-th run.</summary>
    public static string Colour(int i) => Palette[i % Palette.Length];

    /// <summary>Agreement of the likeliest token by place in the window: a line for each run, with bars from end to end of its intervals.</summary>
    public static string ByPlace(IReadOnlyList<AgreementResult> runs)
    {
        double lowest = runs.SelectMany(run => run.ByPlace).Min(place => place.Share.Low);
        int most = runs.SelectMany(run => run.ByPlace).Max(place => place.From) is var last && last > 0 ? last : 1;
        PlotAxis x = new(0, most, Left + 12, Width - Right - 12), y = new(Math.Max(0, Math.Floor(lowest * 20) / 20), 1, Height - Bottom, Top);
        StringBuilder svg = Begin(Height, "agreement of the likeliest token by place in the window");
        Grid(svg, x, y, Figures.Percent, value => Figures.Whole((long)value));
        Caption(svg, "tokens before it in the window", "same likeliest token");
        for (int i = 0; i < runs.Count; i++)
        {
            // Beside each other, so that no run hides another.
            double shift = (i - ((runs.Count - 1) / 2.0)) * 5;
            IReadOnlyList<PlaceAgreement> places = runs[i].ByPlace;
            svg.Append($"<polyline fill=\"none\" stroke=\"{Colour(i)}\" stroke-width=\"1.5\" points=\"{string.Join(' ', places.Select(place => Point(x.At(place.From) + shift, y.At(place.Share.Value))))}\"/>\n");
            foreach (PlaceAgreement place in places)
            {
                double at = x.At(place.From) + shift;
                svg.Append(Invariant($"<line x1=\"{at:F1}\" y1=\"{y.At(place.Share.Low):F1}\" x2=\"{at:F1}\" y2=\"{y.At(place.Share.High):F1}\" stroke=\"{Colour(i)}\" stroke-opacity=\"0.5\"/>"));
                svg.Append(Invariant($"<circle cx=\"{at:F1}\" cy=\"{y.At(place.Share.Value):F1}\" r=\"3.5\" fill=\"{Colour(i)}\"><title>from {place.From}: {Figures.PercentWithEnds(place.Share)} of {place.Tokens} tokens</title></circle>\n"));
            }
        }

        return End(svg);
    }

    /// <summary>How many tokens have a divergence of each size.</summary>
    public static string Histogram(IReadOnlyList<AgreementResult> runs)
    {
        const int Bins = AgreementResult.Bins;
        double most = runs.Max(run => run.Histogram.Max(count => (double)count / run.Tokens));
        PlotAxis x = new(0, Bins, Left, Width - Right), y = new(0, Math.Max(0.05, most), Height - Bottom, Top);
        StringBuilder svg = Begin(Height, "histogram of divergences");
        foreach (double step in y.Steps())
        {
            Across(svg, y.At(step), Figures.Percent(step), Left);
        }

        for (int bin = 0; bin <= Bins; bin += AgreementResult.BinsPerDecade)
        {
            svg.Append(Invariant($"<text x=\"{x.At(bin):F1}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">1e{AgreementResult.FirstDecade + (bin / AgreementResult.BinsPerDecade)}</text>\n"));
        }

        Caption(svg, "KL of a token in nats; the first bar holds what is smaller", "tokens");
        double bar = (x.At(1) - x.At(0) - 4) / runs.Count;
        for (int i = 0; i < runs.Count; i++)
        {
            for (int bin = 0; bin < Bins; bin++)
            {
                double share = (double)runs[i].Histogram[bin] / runs[i].Tokens;
                if (share > 0)
                {
                    svg.Append(Invariant($"<rect x=\"{x.At(bin) + 2 + (i * bar):F1}\" y=\"{y.At(share):F1}\" width=\"{bar:F1}\" height=\"{Height - Bottom - y.At(share):F1}\" fill=\"{Colour(i)}\"><title>{runs[i].Histogram[bin]} tokens, {Figures.Percent(share)}</title></rect>\n"));
                }
            }
        }

        return End(svg);
    }

    /// <summary>The figure of each task with its interval.</summary>
    public static string Tasks(IReadOnlyList<TaskSummary> tasks)
    {
        int height = Top + (tasks.Count * TaskLine) + 24;
        PlotAxis x = new(0, Math.Max(1, tasks.Max(task => task.Mean.High)), TaskLeft, Width - Right - 20);
        StringBuilder svg = Begin(height, "tasks with intervals");
        foreach (double step in x.Steps())
        {
            svg.Append(Invariant($"<line x1=\"{x.At(step):F1}\" y1=\"{Top}\" x2=\"{x.At(step):F1}\" y2=\"{height - 24}\" stroke=\"#e3e6ea\"/><text x=\"{x.At(step):F1}\" y=\"{height - 8}\" text-anchor=\"middle\">{Figures.Percent(step)}</text>\n"));
        }

        for (int i = 0; i < tasks.Count; i++)
        {
            TaskSummary task = tasks[i];
            double middle = Top + (i * TaskLine) + (TaskLine / 2.0);
            string colour = task.LessIsBetter ? Palette[1] : Palette[0];
            svg.Append(Invariant($"<text x=\"{TaskLeft - 10}\" y=\"{middle + 4:F1}\" text-anchor=\"end\">{HtmlReport.Encoded(Shortened(task.Task))}, {task.Metric} ({task.Items})</text>"));
            svg.Append(Invariant($"<rect x=\"{x.From}\" y=\"{middle - 7:F1}\" width=\"{x.At(task.Mean.Value) - x.From:F1}\" height=\"14\" fill=\"{colour}\" fill-opacity=\"0.35\"><title>{Figures.PercentWithEnds(task.Mean)}</title></rect>"));
            svg.Append(Invariant($"<line x1=\"{x.At(task.Mean.Low):F1}\" y1=\"{middle:F1}\" x2=\"{x.At(task.Mean.High):F1}\" y2=\"{middle:F1}\" stroke=\"{colour}\" stroke-width=\"2\"/>"));
            svg.Append(Invariant($"<circle cx=\"{x.At(task.Mean.Value):F1}\" cy=\"{middle:F1}\" r=\"4\" fill=\"{colour}\"/>\n"));
        }

        return End(svg);
    }

    private static string Shortened(string task) => task.Length <= 24 ? task : $"{task[..23]}…";

    private static StringBuilder Begin(int height, string what) => new($"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{what}\">\n");

    private static string End(StringBuilder svg) => svg.Append("</svg>\n").ToString();

    private static void Grid(StringBuilder svg, PlotAxis x, PlotAxis y, Func<double, string> across, Func<double, string> along)
    {
        foreach (double step in y.Steps())
        {
            Across(svg, y.At(step), across(step), Left);
        }

        foreach (double step in x.Steps())
        {
            svg.Append(Invariant($"<text x=\"{x.At(step):F1}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{along(step)}</text>\n"));
        }
    }

    private static void Across(StringBuilder svg, double y, string label, int left) =>
        svg.Append(Invariant($"<line x1=\"{left}\" y1=\"{y:F1}\" x2=\"{Width - Right}\" y2=\"{y:F1}\" stroke=\"#e3e6ea\"/><text x=\"{left - 8}\" y=\"{y + 4:F1}\" text-anchor=\"end\">{label}</text>\n"));

    private static void Caption(StringBuilder svg, string along, string up) => svg
        .Append(Invariant($"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 8}\" text-anchor=\"middle\">{along}</text>\n"))
        .Append(Invariant($"<text transform=\"translate(14 {(Height - Bottom + Top) / 2}) rotate(-90)\" text-anchor=\"middle\">{up}</text>\n"));

    private static string Point(double x, double y) => Invariant($"{x:F1},{y:F1}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
