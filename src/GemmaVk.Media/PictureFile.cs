using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Threading;
using GemmaVk.Media.Decoding;
using GemmaVk.Media.Png;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Media;

/// <summary>
/// Reads picture files, by rules: the bytes say the format, not the name; PNG is read here, everything else through ffmpeg; the EXIF
/// orientation is applied, whatever the format; alpha is put on white; of an animation the first frame counts, of a PNG animation
/// the default picture; beyond <see cref="MediaLimits.Pixels"/> a picture is refused before anything is allocated for it.
/// </summary>
public static class PictureFile
{
    /// <summary>Reads a picture at its own size, upright.</summary>
    /// <param name="path">A file.</param>
    /// <param name="limits">Or the default ones.</param>
    /// <param name="token">Stops reading, and ffmpeg.</param>
    /// <exception cref="GemmaVkException">It is no picture, damaged, too large, or needs ffmpeg and there is none.</exception>
    public static Picture Read(string path, MediaLimits? limits = null, CancellationToken token = default)
    {
        limits ??= MediaLimits.Default;
        FileStamp stamp = FileStamp.Of(path);
        byte[] file = MediaPath.ReadAll(path, limits.PictureFileBytes);
        MediaKind kind = MediaKind.Of(file.AsSpan(0, Math.Min(file.Length, MediaKind.HeadBytes)), path);
        if (kind == MediaKind.Png)
        {
            return PngReader.Read(file, path, limits, token);
        }

        return kind.Form == MediaForm.Picture ? ReadForeign(file, kind, path, stamp, limits, token) : throw new GemmaVkException(
            $"{path} must be a picture, but its bytes are those of a {kind}; give it as one.");
    }

    /// <summary>Refuses a picture or frame that is too large.</summary>
    internal static void CheckPixels(long width, long height, string path, MediaLimits limits)
    {
        if (width > limits.Side || height > limits.Side || width * height > Math.Min(limits.Pixels, Array.MaxLength / 3))
        {
            throw TooLarge(path, Invariant($"{width:N0} x {height:N0}"), limits);
        }
    }

    /// <summary>The error for a picture or frame of too many pixels.</summary>
    internal static GemmaVkException TooLarge(string path, string size, MediaLimits limits) =>
        new(Invariant($"{path} must have at most {limits.Pixels:N0} pixels and {limits.Side:N0} a side, but has {size}; make it smaller first."));

    private static Picture ReadForeign(byte[] file, MediaKind kind, string path, FileStamp stamp, MediaLimits limits, CancellationToken token)
    {
        string ffmpeg = Ffmpeg.Require(limits, $"{path} is a {kind}");
        WebpFrame? frame = kind.Format == "WebP" ? WebpFrame.FirstOf(file, path, limits) : null;
        string[] command =
        [
            // Orientation is ours, except where the format has its own way of saying it. Chroma is interpolated linearly, as libjpeg does.
            .. Ffmpeg.Input(frame is null ? path : null, kind, limits, kind.IsTurnedByFfmpeg ? "-autorotate" : "-noautorotate"),
            "-map", "0:v:0", "-frames:v", "1", "-sws_flags", "bilinear+accurate_rnd+full_chroma_int", "-c:v", "pam", "-pix_fmt", kind.HasAlpha ? "rgba" : "rgb24", "-f", "image2pipe", "pipe:1",
        ];
        using FfmpegRun run = new(ffmpeg, command, path, "a picture", limits, token, frame?.File);
        Picture picture = ReadPixels(run, kind.HasAlpha ? 4 : 3, path, limits);
        run.Finish();
        if (FileStamp.Of(path) != stamp)
        {
            throw MediaPath.Changed(path);
        }

        return Orientation.Apply(frame?.Place(picture) ?? picture, ExifTags.OrientationOf(file));
    }

    private static Picture ReadPixels(FfmpegRun run, int depth, string path, MediaLimits limits)
    {
        try
        {
            using BufferedStream output = new(run.Output);
            if (Pixmap.Read(output) is not { } header || header.Depth != depth)
            {
                run.ThrowIfStopped();
                throw run.Failed();
            }

            CheckPixels(header.Width, header.Height, path, limits);
            byte[] rgb = new byte[3L * header.Width * header.Height];
            if (depth == 3)
            {
                output.ReadExactly(rgb);
            }
            else
            {
                byte[] row = new byte[depth * header.Width];
                for (int y = 0; y < header.Height; y++)
                {
                    output.ReadExactly(row);
                    PutOnWhite(row, rgb.AsSpan(3 * header.Width * y));
                }
            }

            return new Picture(header.Height, header.Width, rgb);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            run.ThrowIfStopped();
            throw run.Failed();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PutOnWhite(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int x = 0, at = 0; x + 3 < rgba.Length; x += 4, at += 3)
        {
            int alpha = rgba[x + 3];
            rgb[at] = PngColors.OnWhite(rgba[x], alpha);
            rgb[at + 1] = PngColors.OnWhite(rgba[x + 1], alpha);
            rgb[at + 2] = PngColors.OnWhite(rgba[x + 2], alpha);
        }
    }
}
