using System;
using Xunit;

namespace GemmaVk.Media.Tests;

/// <summary>A fact that runs ffmpeg, or a shell script in its place: skipped, with the reason shown, where there is none.</summary>
internal sealed class FfmpegFactAttribute : FactAttribute
{
    public FfmpegFactAttribute()
    {
        if (Ffmpeg.Find() is null)
        {
            Skip = $"there is no ffmpeg on the path; {Ffmpeg.Installation}";
        }
        else if (OperatingSystem.IsWindows())
        {
            Skip = "programs in ffmpeg's place are shell scripts";
        }
    }
}
