using System;
using System.Collections.Generic;
using System.Globalization;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Media;

/// <summary>Which frames of a video are taken, and how their times are written (video_processing_gemma4_unified.py).</summary>
public static class VideoSampling
{
    /// <summary>Frames a second of a video that does not say.</summary>
    public const double UnknownFramesPerSecond = 24;

    /// <summary>Most frames of one video: with 70 soft tokens and their markers each, what fits the model's context.</summary>
    public const int MostFrames = 3360;

    /// <summary>How many frames of a video to take: the number asked for, or the rate asked for times its length; never more than there are.</summary>
    /// <param name="total">Frames of the video, at least 1.</param>
    /// <param name="framesPerSecond">Of the video.</param>
    /// <param name="options">What is asked for.</param>
    /// <exception cref="GemmaVkException">It is none, or more than <see cref="MostFrames"/>.</exception>
    public static int Count(long total, double framesPerSecond, VideoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.FramesPerSecond is { } rate)
        {
            if (!(rate > 0 && double.IsFinite(rate)))
            {
                throw new GemmaVkException(Invariant($"The frames per second of a video (--video-fps) must be a number above 0, but are {rate}; give 1, for one."));
            }

            double asked = Math.Clamp(Math.Floor(total / framesPerSecond * rate), 1, total);
            return asked <= MostFrames ? (int)asked : throw new GemmaVkException(
                Invariant($"A video may give at most {MostFrames} frames, but {rate} per second (--video-fps) are {asked:N0}; ask for fewer."));
        }

        return options.Frames is >= 1 and <= MostFrames ? (int)Math.Min(options.Frames, total) : throw new GemmaVkException(
            $"The frames of a video (--video-frames) must be 1 to {MostFrames}, but are {options.Frames}; choose a number between.");
    }

    /// <summary>Indices of the frames taken: k total // count, k = 0 ... count - 1.</summary>
    /// <param name="total">Frames of the video.</param>
    /// <param name="count">Frames to take, 1 to <paramref name="total"/>.</param>
    public static long[] Indices(long total, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, total);
        long[] indices = new long[count];
        for (int k = 0; k < count; k++)
        {
            indices[k] = k * total / count;
        }

        return indices;
    }

    /// <summary>A time as the prompt writes it: minutes and seconds, both rounded down, at least two digits each.</summary>
    /// <param name="seconds">At least 0.</param>
    public static string Stamp(double seconds)
    {
        long whole = (long)Math.Floor(seconds);
        return string.Create(CultureInfo.InvariantCulture, $"{whole / 60:00}:{whole % 60:00}");
    }

    /// <summary>
    /// The frames as a condition for ffmpeg's <c>select</c>: neighbours as a range, and sums in pairs of pairs, because it refuses expressions of
    /// more than a hundred levels and takes each further summand for one.
    /// </summary>
    /// <param name="indices">Ascending, at least one.</param>
    internal static string Condition(IReadOnlyList<long> indices)
    {
        List<string> ranges = [];
        for (int first = 0, end; first < indices.Count; first = end)
        {
            end = first + 1;
            while (end < indices.Count && indices[end] == indices[end - 1] + 1)
            {
                end++;
            }

            ranges.Add(end == first + 1 ? $"eq(n\\,{indices[first]})" : $"between(n\\,{indices[first]}\\,{indices[end - 1]})");
        }

        return Sum(0, ranges.Count);

        string Sum(int first, int end) =>
            end - first == 1 ? ranges[first] : $"({Sum(first, (first + end) / 2)}+{Sum((first + end) / 2, end)})";
    }
}
