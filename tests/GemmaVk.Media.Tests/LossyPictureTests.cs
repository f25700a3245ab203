using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Xunit;

namespace GemmaVk.Media.Tests;

/// <summary>
/// Pictures whose colours have half the columns or rows, as most photographs: against the planes that are decoded, with colours interpolated here as libjpeg and
/// libwebp do it, three parts of the nearer one and one of the farther.
/// </summary>
[Collection("ffmpeg")]
public class LossyPictureTests
{
    [FfmpegFact]
    public void ColoursLieWhereTheirEdgesAre()
    {
        using TemporaryFolder folder = new();
        foreach ((int height, int width) in ((int, int)[])[(64, 80), (33, 17), (16, 31), (1, 1)])
        {
            foreach ((string name, string planes, string[] options) in ((string, string, string[])[])
                [
                    ("a.jpg", "yuvj420p", ["-pix_fmt", "yuvj420p", "-q:v", "2"]),
                    ("b.jpg", "yuvj422p", ["-pix_fmt", "yuvj422p", "-q:v", "2"]),
                    ("c.jpg", "yuvj444p", ["-pix_fmt", "yuvj444p", "-q:v", "2"]),
                    ("d.webp", "yuv420p", ["-c:v", "libwebp", "-quality", "90", "-pix_fmt", "yuv420p"]),
                    ("e.webp", "yuv420p", ["-c:v", "libwebp", "-quality", "90", "-pix_fmt", "yuv420p"]),
                ])
            {
                string path = folder[name];
                Run(["-f", "lavfi", "-i", $"testsrc2=s=128x96,format=rgb24,crop={width}:{height}:1:10", "-frames:v", "1", .. options, path]);
                Run(["-i", path, "-f", "rawvideo", "-pix_fmt", planes, folder["planes"]]);
                if (name == "e.webp")
                {
                    File.WriteAllBytes(path, WithCanvas(File.ReadAllBytes(path), height, width));
                }

                byte[] expected = Colors(File.ReadAllBytes(folder["planes"]), height, width, planes);
                Picture picture = PictureFile.Read(path);
                Assert.Equal((height, width), (picture.Height, picture.Width));
                int[] differences = [.. expected.Zip(picture.Rgb, (e, a) => Math.Abs(e - a))];
                string sentence = $"{name} of {width} x {height}: {differences.Max()} levels at most, {differences.Average():f2} in the mean";
                Assert.True(differences.Max() <= 4 && differences.Average() <= 1.5, sentence);
            }
        }
    }

    /// <summary>The same picture as photographs have it: with a chunk that says its size before it, for data about it to follow.</summary>
    private static byte[] WithCanvas(byte[] webp, int height, int width)
    {
        byte[] canvas = [.. "VP8X"u8, 10, 0, 0, 0, 0, 0, 0, 0, (byte)(width - 1), 0, 0, (byte)(height - 1), 0, 0];
        byte[] file = [.. webp[..12], .. canvas, .. webp[12..]];
        BitConverter.TryWriteBytes(file.AsSpan(4), file.Length - 8);
        return file;
    }

    private static byte[] Colors(byte[] planes, int height, int width, string format)
    {
        bool halfRows = format.EndsWith("420p", StringComparison.Ordinal), halfColumns = halfRows || format.EndsWith("422p", StringComparison.Ordinal);
        bool full = format.StartsWith("yuvj", StringComparison.Ordinal);
        int rows = halfRows ? (height + 1) / 2 : height, columns = halfColumns ? (width + 1) / 2 : width;
        byte[] rgb = new byte[3 * height * width];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double u = Interpolated(planes.AsSpan(height * width), y, x) - 128, v = Interpolated(planes.AsSpan((height * width) + (rows * columns)), y, x) - 128;
                double luma = planes[(y * width) + x];
                if (!full)
                {
                    (luma, u, v) = ((luma - 16) * 255 / 219, u * 255 / 224, v * 255 / 224);
                }

                double[] values = [luma + (1.402 * v), luma - (0.344136 * u) - (0.714136 * v), luma + (1.772 * u)];
                for (int c = 0; c < 3; c++)
                {
                    rgb[(((y * width) + x) * 3) + c] = (byte)Math.Clamp(Math.Round(values[c]), 0, 255);
                }
            }
        }

        return rgb;

        double Interpolated(ReadOnlySpan<byte> plane, int y, int x)
        {
            (int near, int far) = halfRows ? Places(y, rows) : (y, y);
            (int left, int right) = halfColumns ? Places(x, columns) : (x, x);
            double Row(ReadOnlySpan<byte> row) => ((3 * row[left]) + row[right]) / 4.0;
            return ((3 * Row(plane[(near * columns)..])) + Row(plane[(far * columns)..])) / 4;
        }
    }

    private static (int Near, int Far) Places(int at, int count) => (at / 2, Math.Clamp((at / 2) + (at % 2 == 0 ? -1 : 1), 0, count - 1));

    private static void Run(string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Ffmpeg.Find()!, ["-nostdin", "-y", "-loglevel", "error", .. arguments]) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"ffmpeg {string.Join(' ', arguments)}: {errors}");
    }
}
