using System;
using System.Globalization;
using System.Linq;
using System.Text;

namespace GemmaVk.Cli.Steps;

/// <summary>Every dispatch of a pass as a bar, in lines that follow each other as lines of text do.</summary>
internal static class TimelinePlot
{
    private const int Width = 1120;
    private const int Left = 70;
    private const int Right = 10;
    private const int LineHeight = 26;
    private const int Bar = 18;
    private const int MostLines = 8;
    private const int DispatchesPerLine = 60;

    /// <summary>The picture.</summary>
    public static string Svg(StepTrace pass, KernelColours colours)
    {
        double length = pass.Length.TotalMicroseconds;
        if (!(length > 0))
        {
            return "";
        }

        int lines = Math.Clamp((pass.Dispatches + DispatchesPerLine - 1) / DispatchesPerLine, 1, MostLines);
        double perLine = length / lines, scale = (Width - Left - Right) / perLine;
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {(lines * LineHeight) + 4}\" role=\"img\" aria-label=\"timeline\">\n");
        for (int line = 0; line < lines; line++)
        {
            svg.Append(FormattableString.Invariant($"<text x=\"{Left - 8}\" y=\"{(line * LineHeight) + 15}\" text-anchor=\"end\">{line * perLine / 1000:F2} ms</text><rect x=\"{Left}\" y=\"{(line * LineHeight) + 2}\" width=\"{Width - Left - Right}\" height=\"{Bar}\" fill=\"none\" stroke=\"#e3e6ea\"/>\n"));
        }

        foreach (StepCall call in pass.Calls)
        {
            foreach (StepDispatch dispatch in call.Dispatches)
            {
                Bars(svg, call, dispatch, colours.Of(call.Kernel), perLine, scale, lines);
            }
        }

        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>A dispatch that crosses the end of a line goes on in the next.</summary>
    private static void Bars(StringBuilder svg, StepCall call, StepDispatch dispatch, string colour, double perLine, double scale, int lines)
    {
        (double at, double end) = (dispatch.Start.TotalMicroseconds, (dispatch.Start + dispatch.Time).TotalMicroseconds);
        for (int line = Math.Min(lines - 1, (int)(at / perLine)); line < lines && (at < end || at == dispatch.Start.TotalMicroseconds); line++)
        {
            double stop = line == lines - 1 ? end : Math.Min(end, (line + 1) * perLine);
            svg.Append(FormattableString.Invariant(
                $"<rect x=\"{Left + ((at - (line * perLine)) * scale):F2}\" y=\"{(line * LineHeight) + 2}\" width=\"{Math.Max(0.4, (stop - at) * scale):F2}\" height=\"{Bar}\" fill=\"{colour}\"><title>{StepPage.Text($"{call.Kernel} {call.Shape} ({dispatch.Module})")}: {dispatch.Time.TotalMicroseconds:F1} us, gap before {dispatch.Gap.TotalMicroseconds:F1} us</title></rect>\n"));
            if (stop >= end)
            {
                break;
            }

            at = stop;
        }
    }
}
