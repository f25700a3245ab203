using System;

namespace GemmaVk.Media;

/// <summary>
/// What a sound is to the model: frames of 640 samples, 40 ms at 16 kHz, each a soft token; the last is filled up with zeros
/// (feature_extraction_gemma4_unified.py).
/// </summary>
public static class AudioFrames
{
    /// <summary>Samples of a frame.</summary>
    public const int Length = 640;

    /// <summary>Frames, and soft tokens, of so many samples.</summary>
    public static int Count(int samples)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        return (int)(((long)samples + Length - 1) / Length);
    }

    /// <summary>The frames.</summary>
    /// <param name="samples">One channel at 16 kHz.</param>
    /// <returns>[frames, 640].</returns>
    public static float[] Of(ReadOnlySpan<float> samples)
    {
        float[] frames = new float[Count(samples.Length) * Length];
        samples.CopyTo(frames);
        return frames;
    }
}
