using System.Diagnostics;
using Xunit;

namespace GemmaVk.Media.Tests.Field;

/// <summary>Files that ffmpeg makes for a test.</summary>
internal static class Made
{
    /// <summary>A red square at the top left of a white picture of 288 x 192 pixels, and a blue one at the bottom right: the picture of tests/golden/field.</summary>
    public const string Squares = "color=white:s=288x192:r=1,format=rgb24,drawbox=x=10:y=10:w=80:h=80:color=red:t=fill,drawbox=x=190:y=100:w=90:h=80:color=blue:t=fill";

    public static void By(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Ffmpeg.Find()!, ["-nostdin", "-y", "-loglevel", "error", .. arguments]) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"ffmpeg {string.Join(' ', arguments)}: {errors}");
    }

    /// <summary>Whether a picture is the one of <see cref="Squares"/>, upright and whole.</summary>
    public static void AssertSquares(Picture picture)
    {
        Assert.Equal(2 * picture.Width, 3 * picture.Height);
        AssertColor(picture, 1.0 / 6, 0.25, 'r');
        AssertColor(picture, 0.8, 0.75, 'b');
        AssertColor(picture, 0.8, 0.2, 'w');
        AssertColor(picture, 0.2, 0.8, 'w');
    }

    public static void AssertColor(Picture picture, double x, double y, char color)
    {
        int at = 3 * (((int)(y * picture.Height) * picture.Width) + (int)(x * picture.Width));
        (byte r, byte g, byte b) = (picture.Rgb[at], picture.Rgb[at + 1], picture.Rgb[at + 2]);
        char seen = (r > 200, g > 200, b > 200) switch { (true, true, true) => 'w', (true, false, false) => 'r', (false, false, true) => 'b', _ => '?' };
        Assert.True(seen == color, $"at {x}, {y} of {picture.Width} x {picture.Height}: {r} {g} {b}, not {color}");
    }
}
