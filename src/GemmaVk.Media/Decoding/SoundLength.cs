using System;
using System.Globalization;
using System.IO;
using System.Threading;

namespace GemmaVk.Media.Decoding;

/// <summary>
/// How long a file's header says its first sound track is: where less came, something is missing, and of some formats ffmpeg does not say so.
/// </summary>
internal static class SoundLength
{
    /// <summary>What is missing, as a note, or null.</summary>
    /// <param name="ffmpeg">ffmpeg, beside which ffprobe lies.</param>
    /// <param name="path">The file.</param>
    /// <param name="kind">What its bytes say.</param>
    /// <param name="seconds">What came of it.</param>
    /// <param name="limits">The time the question may take.</param>
    /// <param name="token">Stops it.</param>
    public static string? Missing(string ffmpeg, string path, MediaKind kind, double seconds, MediaLimits limits, CancellationToken token)
    {
        string[] command =
        [
            "-hide_banner", "-loglevel", "warning", .. Ffmpeg.Guards(kind, limits), "-select_streams", "a:0", "-show_entries", "stream=duration", "-of", "csv=p=0", "-i", Ffmpeg.Name(path),
        ];
        using FfmpegRun run = new(Ffmpeg.RequireProbe(ffmpeg, $"{path} is a {kind}"), command, path, "a sound track", limits, token);
        using StreamReader answer = new(run.Output);
        char[] line = new char[64];
        int count = answer.ReadBlock(line, 0, line.Length);

        // Streams of frames have no header of the whole: what ffprobe says of those is a guess by their size, and it says so.
        run.Finish(came: count > 0);
        return !run.Says("Estimating duration") && kind.Format is not ("AC-3" or "DTS" or "AMR" or "MPEG" or "MPEG transport stream") && double.TryParse(line.AsSpan(0, count).Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double said) && said - seconds > Math.Max(0.5, said / 50) && double.IsFinite(said)
            ? string.Create(CultureInfo.InvariantCulture, $"its header gives {said:0.##} s, but {seconds:0.##} s came: the rest is missing (a truncated file?)")
            : null;
    }
}
