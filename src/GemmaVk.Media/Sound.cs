using System;
using System.Threading;
using GemmaVk.Tensors;

namespace GemmaVk.Media;

/// <summary>Whole sounds as samples.</summary>
public static class Sound
{
    private const int FirstGuess = 1 << 16;

    /// <summary>Reads a sound file, or the sound track of a video: one channel at 16 kHz.</summary>
    /// <param name="path">A file.</param>
    /// <param name="limits">Or the default ones.</param>
    /// <param name="token">Stops reading, and ffmpeg.</param>
    /// <returns>Samples; none for an empty sound.</returns>
    /// <exception cref="GemmaVkException">It is no sound, damaged, too long, or needs ffmpeg and there is none.</exception>
    public static float[] Read(string path, MediaLimits? limits = null, CancellationToken token = default) => Read(path, out _, limits, token);

    /// <summary>The same, with what is not to be passed over.</summary>
    /// <param name="path">A file.</param>
    /// <param name="note">What is missing or odd: see <see cref="SampleStream.Note"/>.</param>
    /// <param name="limits">Or the default ones.</param>
    /// <param name="token">Stops reading, and ffmpeg.</param>
    public static float[] Read(string path, out string? note, MediaLimits? limits = null, CancellationToken token = default)
    {
        using SampleStream stream = SampleStream.Open(path, limits, token);

        // One more than a header promises: the array is full when the end is seen.
        float[] samples = new float[checked((int)(stream.Expected ?? FirstGuess) + 1)];
        int count = 0;
        for (int came; (came = stream.Read(samples.AsSpan(count))) > 0;)
        {
            count += came;
            if (count == samples.Length)
            {
                Array.Resize(ref samples, checked(samples.Length * 2));
            }
        }

        note = stream.Note;
        Array.Resize(ref samples, count);
        return samples;
    }
}
