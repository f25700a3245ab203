using System;
using System.Linq;
using GemmaVk.Server.Http;

namespace GemmaVk.Server.Answers;

/// <summary>How much a request wants the model to get of one picture or clip; what is null is as the server was started.</summary>
/// <param name="SoftTokens">Most soft tokens of a picture or of each frame.</param>
/// <param name="Frames">Frames of a clip.</param>
/// <param name="Fps">Frames of a clip's second.</param>
internal readonly record struct MediaWish(int? SoftTokens, int? Frames, double? Fps)
{
    private const int MostFrames = 512;
    private const float MostFps = 60;
    private const float LeastFps = 0.01f;

    // What the model was trained with.
    private static readonly int[] Budgets = [70, 140, 280, 560, 1120];

    /// <summary>Reads it from the object that has the address or the data.</summary>
    /// <param name="holder">The object.</param>
    /// <param name="largest">Most soft tokens that the model was loaded for.</param>
    /// <exception cref="ApiException">It cannot be had.</exception>
    public static MediaWish Read(Fields holder, int largest)
    {
        int? tokens = holder.Whole("max_soft_tokens", 1, int.MaxValue);
        if (tokens is { } asked && (!Budgets.Contains(asked) || asked > largest))
        {
            string budgets = string.Join(", ", Budgets.Where(budget => budget <= largest));
            throw ApiException.Field(holder.Path("max_soft_tokens"), $"{holder.Path("max_soft_tokens")}: expected {budgets}, but {asked} came; the server takes larger pictures where it is started with a larger --image-tokens.");
        }

        MediaWish wish = new(tokens, holder.Whole("num_frames", 1, MostFrames), holder.Real("fps", LeastFps, MostFps));
        return wish is { Frames: not null, Fps: not null }
            ? throw ApiException.Field(holder.Path("fps"), $"{holder.Path("fps")} and {holder.Path("num_frames")}: expected one of them, because each says how many frames are taken; drop one.")
            : wish;
    }

    /// <summary>The settings with this in them.</summary>
    public MediaSettings Over(MediaSettings settings) => settings with
    {
        ImageTokens = SoftTokens ?? settings.ImageTokens,
        FrameTokens = SoftTokens ?? settings.FrameTokens,
        VideoFrames = Frames ?? (Fps is null ? settings.VideoFrames : null),
        VideoFps = Fps ?? (Frames is null ? settings.VideoFps : null),
    };
}
