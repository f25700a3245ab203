using System;
using System.Collections.Generic;

namespace GemmaVk.Media;

/// <summary>What the model gets to see of a video.</summary>
public sealed record Video
{
    /// <summary>Frames, resized; all of one size with sides that are multiples of 48.</summary>
    public required IReadOnlyList<Picture> Frames { get; init; }

    /// <summary>Seconds of each frame from the first: its index / frames per second; its own time where frames come at no steady rate.</summary>
    public required IReadOnlyList<double> Times { get; init; }

    /// <summary>The times as the prompt writes them: "mm:ss".</summary>
    public required IReadOnlyList<string> Stamps { get; init; }

    /// <summary>Soft tokens of each frame.</summary>
    public required int TokensPerFrame { get; init; }

    /// <summary>The sound track, one channel at 16 kHz; null if not asked for.</summary>
    public required float[]? Sound { get; init; }

    /// <summary>Frames of the whole video.</summary>
    public required long TotalFrames { get; init; }

    /// <summary>Frames a second of the whole video, on average.</summary>
    public required double FramesPerSecond { get; init; }

    /// <summary>How long the pictures last.</summary>
    public required double Seconds { get; init; }

    /// <summary>What is not to be passed over: what is missing, what ffmpeg complained about, what had to be assumed; or null.</summary>
    public string? Note { get; init; }

    /// <summary>Rows of a frame before it was resized.</summary>
    public required int SourceHeight { get; init; }

    /// <summary>Columns of a frame before it was resized.</summary>
    public required int SourceWidth { get; init; }

    /// <summary>Time that looking, decoding and the sound took, resizing left out.</summary>
    public required TimeSpan Decoding { get; init; }

    /// <summary>Time that resizing took.</summary>
    public required TimeSpan Resizing { get; init; }
}
