namespace GemmaVk.Media;

/// <summary>What of a video the model gets to see.</summary>
public sealed record VideoOptions
{
    /// <summary>The published processor's settings.</summary>
    public static VideoOptions Default { get; } = new();

    /// <summary>Frames, taken at equal distances; a video that has fewer gives all of them. Without effect beside <see cref="FramesPerSecond"/>.</summary>
    public int Frames { get; init; } = 32;

    /// <summary>Frames for each second of video, instead of a number of frames.</summary>
    public double? FramesPerSecond { get; init; }

    /// <summary>Most soft tokens of a frame; one of <see cref="ImageSizing.Budgets"/>.</summary>
    public int Budget { get; init; } = ImageSizing.FrameBudget;

    /// <summary>Whether the sound track is wanted too. The published processor does not use it.</summary>
    public bool Sound { get; init; }
}
