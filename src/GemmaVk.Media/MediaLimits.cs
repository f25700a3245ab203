using System;

namespace GemmaVk.Media;

/// <summary>
/// What reading a media file may cost. A file beyond a limit is refused by a sentence that names the limit, before anything is
/// allocated by what the file says of itself.
/// </summary>
public sealed record MediaLimits
{
    /// <summary>The limits that hold unless others are given.</summary>
    public static MediaLimits Default { get; } = new();

    /// <summary>Most pixels of a picture or of one video frame: 128 Mi, 402 MB in RGB, a square of 11,585.</summary>
    public long Pixels { get; init; } = 128L << 20;

    /// <summary>Longest side of a picture in pixels.</summary>
    public int Side { get; init; } = 100_000;

    /// <summary>Most bytes of a picture file, which is read into memory; sounds and videos are streamed.</summary>
    public long PictureFileBytes { get; init; } = 512L << 20;

    /// <summary>Longest sound or video: 3 hours, about what the model's context of 262,144 tokens of 40 ms holds.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(3);

    /// <summary>Longest time one run of ffmpeg may take.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The ffmpeg program to run; null looks for it on the path. ffprobe is expected beside it.</summary>
    public string? FfmpegProgram { get; init; }
}
