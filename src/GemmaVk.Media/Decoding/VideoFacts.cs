using System;
using System.Globalization;
using System.IO;
using System.Text.Json;
using System.Threading;
using GemmaVk.Tensors;

namespace GemmaVk.Media.Decoding;

/// <summary>What ffprobe says of a video's first track of moving pictures (cover pictures are not one).</summary>
/// <param name="Frames">How many there are, counted.</param>
/// <param name="FramesPerSecond">On average; 24 where the file does not say.</param>
internal readonly record struct VideoFacts(long Frames, double FramesPerSecond)
{
    private const int LongestAnswer = 1 << 20;

    /// <summary>Asks.</summary>
    /// <param name="probe">ffprobe.</param>
    /// <param name="path">The video.</param>
    /// <param name="kind">What its bytes say.</param>
    /// <param name="limits">Its length, and the time the question may take.</param>
    /// <param name="decode">Counts what decodes instead of what is stored: slower, for files where both differ.</param>
    /// <param name="token">Stops it.</param>
    public static VideoFacts Of(string probe, string path, MediaKind kind, MediaLimits limits, bool decode, CancellationToken token)
    {
        string[] command =
        [
            "-hide_banner", "-loglevel", "error", .. Ffmpeg.Guards(kind, limits), "-select_streams", "V:0", decode ? "-count_frames" : "-count_packets",
            "-show_entries", "stream=avg_frame_rate,nb_read_packets,nb_read_frames:format=duration", "-of", "json", "-i", Ffmpeg.Name(path),
        ];
        using FfmpegRun run = new(probe, command, path, "moving pictures", limits, token);
        using MemoryStream answer = new();
        byte[] block = new byte[4096];
        for (int came; (came = run.Output.Read(block)) > 0 && answer.Length < LongestAnswer;)
        {
            answer.Write(block, 0, came);
        }

        run.Finish();
        answer.Position = 0;
        return Parse(answer, path, limits, decode ? "nb_read_frames" : "nb_read_packets") ?? throw new GemmaVkException(
            $"{path} could not be examined: ffprobe gave something other than the JSON it was asked for; check that '{probe}' is ffprobe.");
    }

    /// <summary>Reads an answer.</summary>
    /// <returns>Null where it is something else.</returns>
    /// <exception cref="GemmaVkException">The video has no frames, or is too long.</exception>
    internal static VideoFacts? Parse(Stream answer, string path, MediaLimits limits, string counter = "nb_read_packets")
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(answer);
            return Read(json.RootElement, counter, path, limits);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static VideoFacts Read(JsonElement json, string counter, string path, MediaLimits limits)
    {
        if (json.TryGetProperty("format", out JsonElement format) && Number(format, "duration") is { } seconds && seconds > limits.Duration.TotalSeconds)
        {
            throw new GemmaVkException($"{path} must be at most {limits.Duration:c} long, but lasts {TimeSpan.FromSeconds(Math.Min(seconds, 1e9)):c}; cut it into pieces.");
        }

        if (!json.TryGetProperty("streams", out JsonElement streams) || streams.GetArrayLength() == 0)
        {
            throw NoFrames(path);
        }

        double frames = Number(streams[0], counter) ?? 0;
        string[] ratio = streams[0].TryGetProperty("avg_frame_rate", out JsonElement rate) ? (rate.GetString() ?? "").Split('/') : [];
        double perSecond = ratio.Length == 2 ? Number(ratio[0]) / Number(ratio[1]) ?? 0 : 0;
        return frames >= 1 ? new VideoFacts((long)frames, perSecond is > 0 and < 1e6 ? perSecond : VideoSampling.UnknownFramesPerSecond) : throw NoFrames(path);
    }

    public static GemmaVkException NoFrames(string path) =>
        new($"{path} must be a video with at least one frame, but has none; if it is a sound, give it as one.");

    private static double? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) ? Number(value.GetString() ?? "") : null;

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
}
