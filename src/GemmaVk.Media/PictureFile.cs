using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.CompilerServices;
using System.Threading;
using GemmaVk.Media.Decoding;
using GemmaVk.Media.Heif;
using GemmaVk.Media.Png;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Media;

/// <summary>
/// Reads picture files, by rules: the bytes say the format, not the name; PNG is read here, everything else through ffmpeg; the EXIF
/// orientation is applied, whatever the format, once; half a picture is refused; alpha is put on white; of an animation the first frame counts, of a PNG animation
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
            $"{path} must be a picture, but its bytes are those of {kind.WithArticle}; give it as one.");
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
        WholePicture.Check(file, kind, path);
        string ffmpeg = Ffmpeg.Require(limits, $"{path} is a {kind}");
        Picture picture;
        if (kind.IsIsoMedia && HeifFile.Read(file, path) is { } heif)
        {
            // What it says of turns is in the container, and goes before EXIF data.
            picture = new HeifPicture(heif, path, limits, (stream, codec, filter, count) => Decode(ffmpeg, stream, codec, filter, count, path, limits, token)).Read();
        }
        else
        {
            WebpFrame? frame = kind.Format == "WebP" ? WebpFrame.FirstOf(file, path, limits) : null;
            WholeChroma? whole = WholeChroma.Of(file, kind);
            byte[]? bytes = frame?.File ?? whole?.File;
            int depth = kind.HasAlpha ? 4 : 3;
            // Orientation is ours, except where a track says it.
            List<string> command = Command(bytes is null ? path : null, kind, limits, kind.IsIsoMedia, WholeColors(kind), 1, depth);
            using FfmpegRun run = new(ffmpeg, command, path, "a picture", limits, token, bytes is null ? null : new MemoryStream(bytes));
            picture = ReadPixels(run, 1, depth, path, limits)[0];
            run.Finish();
            picture = frame?.Place(picture) ?? whole?.Cut(picture) ?? picture;
            picture = new Picture(picture.Height, picture.Width, picture.Rgb) { Note = run.Complaint };
            picture = kind.IsIsoMedia ? picture : Orientation.Apply(picture, ExifTags.OrientationOf(file));
        }

        return FileStamp.Of(path) == stamp ? picture : throw MediaPath.Changed(path);
    }

    private static List<Picture> Decode(
        string ffmpeg, byte[] stream, MediaKind codec, string? filter, int count, string path, MediaLimits limits, CancellationToken token)
    {
        using FfmpegRun run = new(ffmpeg, Command(null, codec, limits, false, filter, count, 3), path, "a picture", limits, token, new MemoryStream(stream));
        List<Picture> pictures = ReadPixels(run, count, 3, path, limits);
        run.Finish();
        return pictures;
    }

    // Colours at every pixel, before they become red, green and blue: ffmpeg that does both at once interpolates them along rows alone. What it writes is not in the
    // list, or it would go there at once.
    private static string? WholeColors(MediaKind kind) => kind.Format switch
    {
        "JPEG" => "format=yuvj444p|yuva444p|gray|gbrp|gbrap",
        "WebP" => "format=yuv444p|yuva444p|argb",
        _ => null,
    };

    // A decoder that makes up what is missing is told not to; that of TIFF would then refuse tags that are new to it, and makes up nothing.
    // Chroma is interpolated linearly, as libjpeg does.
    private static List<string> Command(string? input, MediaKind kind, MediaLimits limits, bool turned, string? filter, int count, int depth) =>
    [
        .. Ffmpeg.Input(input, kind, limits, [.. turned ? (string[])[] : ["-noautorotate"], .. kind.Format == "TIFF" ? (string[])[] : ["-err_detect", "explode"]]),
        "-map", "0:v:0", .. filter is null ? (string[])[] : ["-vf", filter], "-frames:v", $"{count}", "-sws_flags", "bilinear+accurate_rnd+full_chroma_int",
        "-c:v", "pam", "-pix_fmt", depth == 4 ? "rgba" : "rgb24", "-f", "image2pipe", "pipe:1",
    ];

    private static List<Picture> ReadPixels(FfmpegRun run, int count, int depth, string path, MediaLimits limits)
    {
        List<Picture> pictures = [];
        try
        {
            using BufferedStream output = new(run.Output);
            while (pictures.Count < count)
            {
                if (Pixmap.Read(output) is not { } header || header.Depth != depth)
                {
                    run.ThrowIfStopped();
                    throw run.Failed();
                }

                CheckPixels(header.Width, header.Height, path, limits);
                pictures.Add(ReadPixels(output, header));
            }
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            run.ThrowIfStopped();
            throw run.Failed();
        }

        return pictures;
    }

    private static Picture ReadPixels(BufferedStream output, Pixmap header)
    {
        byte[] rgb = new byte[3L * header.Width * header.Height];
        if (header.Depth == 3)
        {
            output.ReadExactly(rgb);
        }
        else
        {
            byte[] row = new byte[header.Depth * header.Width];
            for (int y = 0; y < header.Height; y++)
            {
                output.ReadExactly(row);
                PutOnWhite(row, rgb.AsSpan(3 * header.Width * y));
            }
        }

        return new Picture(header.Height, header.Width, rgb);
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
