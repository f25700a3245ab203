using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using GemmaVk.Media.Decoding;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Media;

/// <summary>
/// A page of a PDF as a picture, drawn by poppler's pdftoppm under the limits of every decoder: a child process without a shell that gets the file through a pipe, with a time
/// and a size that it may not exceed.
/// </summary>
public static class PdfPagePicture
{
    // Pixels of the longer side: 150 to an inch of A4 and more, so that letters of 6 points are still read.
    private const int Side = 2000;

    /// <summary>How to get the program on this system: one line.</summary>
    public static string Installation =>
        OperatingSystem.IsWindows() ? "winget install poppler"
        : OperatingSystem.IsMacOS() ? "brew install poppler"
        : "sudo apt install poppler-utils";

    /// <summary>The page as a PNG file.</summary>
    /// <param name="pdf">The whole PDF.</param>
    /// <param name="page">From 1.</param>
    /// <param name="name">For messages.</param>
    /// <param name="limits">Time, and most bytes of the picture.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="GemmaVkException">There is no such program, it fails, or takes too long.</exception>
    public static byte[] Png(byte[] pdf, int page, string name, MediaLimits? limits = null, CancellationToken cancel = default) =>
        Png(Ffmpeg.Find("pdftoppm", Environment.GetEnvironmentVariable("PATH")), pdf, page, name, limits ?? MediaLimits.Default, cancel);

    internal static byte[] Png(string? program, byte[] pdf, int page, string name, MediaLimits limits, CancellationToken cancel)
    {
        if (program is null)
        {
            throw new GemmaVkException($"{name} has no text and is drawn by poppler's pdftoppm, but there is none on the path; install it with '{Installation}', or choose pages with text (--pages).");
        }

        int side = (int)Math.Min(Side, Math.Min(limits.Side, Math.Sqrt(limits.Pixels)));
        List<string> arguments = ["-f", Invariant($"{page}"), "-l", Invariant($"{page}"), "-singlefile", "-png", "-scale-to", Invariant($"{side}"), "-"];
        using FfmpegRun run = new(program, arguments, name, "a page", limits, cancel, new MemoryStream(pdf, writable: false), "pdftoppm");
        using MemoryStream png = new();
        byte[] block = new byte[1 << 16];
        for (int came; (came = run.Output.Read(block)) > 0;)
        {
            png.Write(block, 0, came);
            if (png.Length > limits.PictureFileBytes)
            {
                throw new GemmaVkException(Invariant($"{name}: expected a picture of at most {limits.PictureFileBytes:N0} bytes of the page, but pdftoppm gives more; choose other pages with --pages."));
            }
        }

        run.Finish();
        return png.Length > 0 ? png.ToArray() : throw run.Failed();
    }
}
