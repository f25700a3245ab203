using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Cli.Steps;

/// <summary>Operations per second against operations per byte, both by powers of ten, under the device's measured limits.</summary>
internal static class RooflinePlot
{
    private const int Width = 1120;
    private const int Height = 400;
    private const int Left = 70;
    private const int Right = 150;
    private const int Top = 16;
    private const int Bottom = 44;
    private const double LargestRadius = 17;
    private const double LeastRadius = 3;

    // From one line of text to the next.
    private const double LineHeight = 14;

    /// <summary>The picture.</summary>
    public static string Svg(StepTrace pass, DevicePeaks peaks, KernelColours colours)
    {
        StepGroup[] groups = [.. pass.Groups().Where(group => group.Cost.Operations > 0 && group.Seconds > 0)];
        if (groups.Length == 0)
        {
            return "";
        }

        (string Name, double PerSecond)[] roofs = [.. Roofs(peaks)];
        double ridge = roofs.Select(roof => roof.PerSecond / peaks.BytesPerSecond).DefaultIfEmpty(1).Max();
        Axis x = Axis.Over([.. groups.Select(Intensity), 0.1, ridge * 2], Left, Width - Right);
        Axis y = Axis.Over([.. groups.Select(Rate), .. roofs.Select(roof => roof.PerSecond)], Height - Bottom, Top);
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"roofline\">\n");
        Grid(svg, x, y);
        double end = Math.Min(x.High, roofs.Select(roof => roof.PerSecond).DefaultIfEmpty(y.High).Max() / peaks.BytesPerSecond);
        double begin = Math.Max(x.Low, y.Low / peaks.BytesPerSecond);
        svg.Append(Invariant($"<line x1=\"{x.At(begin):F1}\" y1=\"{y.At(begin * peaks.BytesPerSecond):F1}\" x2=\"{x.At(end):F1}\" y2=\"{y.At(end * peaks.BytesPerSecond):F1}\" stroke=\"#1b1f24\" stroke-width=\"1.5\"/>\n"));
        double[] labels = Apart([.. roofs.Select(roof => y.At(roof.PerSecond))]);
        foreach ((int i, (string name, double perSecond)) in roofs.Index())
        {
            svg.Append(Invariant($"<line x1=\"{x.At(Math.Max(x.Low, perSecond / peaks.BytesPerSecond)):F1}\" y1=\"{y.At(perSecond):F1}\" x2=\"{Width - Right}\" y2=\"{y.At(perSecond):F1}\" stroke=\"#1b1f24\" stroke-width=\"1.5\"/>\n"));
            svg.Append(Invariant($"<text x=\"{Width - Right + 6}\" y=\"{labels[i] + 4:F1}\">{name} {InWords(perSecond)}</text>\n"));
        }

        double middle = Math.Sqrt(begin * end);
        svg.Append(Invariant($"<text x=\"{x.At(middle) - 8:F1}\" y=\"{y.At(middle * peaks.BytesPerSecond) - 8:F1}\" text-anchor=\"end\">{peaks.BytesPerSecond / 1e9:F1} GB/s read</text>\n"));
        double total = pass.Length.TotalSeconds;
        foreach (StepGroup group in groups)
        {
            double radius = Math.Max(LeastRadius, LargestRadius * Math.Sqrt(group.Seconds / total));
            svg.Append(Invariant(
                $"<circle cx=\"{x.At(Intensity(group)):F1}\" cy=\"{y.At(Rate(group)):F1}\" r=\"{radius:F1}\" fill=\"{colours.Of(group.Kernel)}\" fill-opacity=\"0.75\" stroke=\"#fff\"><title>{StepPage.Text($"{group.Kernel} {group.Shape}")}: {group.Seconds / total:P1} of the pass, {Rate(group) / 1e9:F2} Gop/s, {Intensity(group):F2} operations per byte</title></circle>\n"));
        }

        // The largest have their names beside them; of the others the pointer tells.
        StepGroup[] named = [.. groups.Where(group => group.Seconds / total > 0.08)];
        double[] places = Apart([.. named.Select(group => y.At(Rate(group)))]);
        foreach ((int i, StepGroup group) in named.Index())
        {
            svg.Append(Invariant($"<text x=\"{x.At(Intensity(group)) + 20:F1}\" y=\"{places[i] + 4:F1}\" style=\"fill:#1b1f24\">{StepPage.Text(group.Kernel)} {group.Seconds / total:P0}</text>\n"));
        }

        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>Heights of lines of text that want to be where they are, moved down as far as those above need room.</summary>
    private static double[] Apart(double[] heights)
    {
        double last = double.NegativeInfinity;
        foreach (int i in Enumerable.Range(0, heights.Length).OrderBy(i => heights[i]))
        {
            last = heights[i] = Math.Max(heights[i], last + LineHeight);
        }

        return heights;
    }

    private static string InWords(double perSecond) => perSecond >= 1e13 ? Invariant($"{perSecond / 1e12:F0} Top/s") : Invariant($"{perSecond / 1e9:F0} Gop/s");

    private static void Grid(StringBuilder svg, Axis x, Axis y)
    {
        foreach (double at in x.Powers())
        {
            svg.Append(Invariant($"<line x1=\"{x.At(at):F1}\" y1=\"{Top}\" x2=\"{x.At(at):F1}\" y2=\"{Height - Bottom}\" stroke=\"#e3e6ea\"/><text x=\"{x.At(at):F1}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{at:G4}</text>\n"));
        }

        foreach (double at in y.Powers())
        {
            svg.Append(Invariant($"<line x1=\"{Left}\" y1=\"{y.At(at):F1}\" x2=\"{Width - Right}\" y2=\"{y.At(at):F1}\" stroke=\"#e3e6ea\"/><text x=\"{Left - 8}\" y=\"{y.At(at) + 4:F1}\" text-anchor=\"end\">{at / 1e9:G4}</text>\n"));
        }

        svg.Append(Invariant($"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 8}\" text-anchor=\"middle\">operations per byte</text>\n"));
        svg.Append(Invariant($"<text transform=\"translate(14 {(Height - Bottom + Top) / 2}) rotate(-90)\" text-anchor=\"middle\">Gop/s</text>\n"));
    }

    private static IEnumerable<(string Name, double PerSecond)> Roofs(DevicePeaks peaks)
    {
        foreach ((string name, double? rate) in ((string, double?)[])[("F32", peaks.F32), ("F16", peaks.F16), ("INT8", peaks.Int8), ("matrix F16", peaks.MatrixF16), ("matrix INT8", peaks.MatrixInt8)])
        {
            if (rate is > 0 and { } there)
            {
                yield return (name, there);
            }
        }
    }

    private static double Intensity(StepGroup group) => group.Cost.Operations / group.Cost.Bytes;

    private static double Rate(StepGroup group) => group.Cost.Operations / group.Each;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A logarithmic axis from one place to another.</summary>
    private readonly record struct Axis(double Low, double High, double From, double To)
    {
        public static Axis Over(IReadOnlyList<double> values, double from, double to) =>
            new(Math.Pow(10, Math.Floor(Math.Log10(values.Min()))), Math.Pow(10, Math.Ceiling(Math.Log10(values.Max()))), from, to);

        public double At(double value) => From + ((To - From) * Math.Log10(value / Low) / Math.Log10(High / Low));

        public IEnumerable<double> Powers()
        {
            int first = (int)Math.Round(Math.Log10(Low)), last = (int)Math.Round(Math.Log10(High));
            for (int power = first; power <= last; power++)
            {
                yield return Math.Pow(10, power);
            }
        }
    }
}
