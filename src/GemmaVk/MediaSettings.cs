using System;

namespace GemmaVk;

/// <summary>How much of pictures, sounds and clips the model gets. What is null is as the checkpoint's processor_config.json has it.</summary>
public sealed record MediaSettings
{
    /// <summary>Most soft tokens of a picture: 70, 140, 280, 560 or 1120.</summary>
    public int? ImageTokens { get; init; }

    /// <summary>Frames taken per second of a clip, instead of <see cref="VideoFrames"/>.</summary>
    public double? VideoFps { get; init; }

    /// <summary>Frames of a clip, spread evenly over it.</summary>
    public int? VideoFrames { get; init; }

    /// <summary>Most soft tokens of each frame of a clip: 70, 140, 280, 560 or 1120, at most what the engine was loaded for.</summary>
    public int? FrameTokens { get; init; }

    /// <summary>What is heard of each sound, from its start; null for all of it.</summary>
    public TimeSpan? MostAudio { get; init; }

    /// <summary>Whether a clip's sound track is heard too, piece by piece between its frames.</summary>
    public bool VideoSound { get; init; }
}
