using System;

namespace GemmaVk.Media;

/// <summary>
/// Finds where a recording can be cut without cutting a word. The level is measured in steps of 10 ms; a pause is a stretch of at least
/// 0.2 s whose steps all lie 12 dB below the recording's own level (the mean of its louder half), or are digital silence.
/// </summary>
public static class PauseFinder
{
    /// <summary>Samples of a step: 10 ms.</summary>
    public const int Step = SampleStream.Rate / 100;

    /// <summary>Steps of the shortest pause: 0.2 s.</summary>
    public const int ShortestSteps = 20;

    // Power, so 12 dB are a sixteenth; 1e-9 is 90 dB below full scale.
    private const double QuietShare = 1.0 / 16;
    private const double Silence = 1e-9;

    /// <summary>The longest pause in the last part of a stretch; of equally long ones the last.</summary>
    /// <param name="samples">One channel at 16 kHz.</param>
    /// <param name="from">First sample where the pause's middle may lie.</param>
    /// <returns>The pause's first sample and the one behind its last, or null where there is none.</returns>
    public static (int Start, int End)? Find(ReadOnlySpan<float> samples, int from)
    {
        double[] power = new double[samples.Length / Step];
        for (int i = 0; i < power.Length; i++)
        {
            double sum = 0;
            foreach (float sample in samples.Slice(i * Step, Step))
            {
                sum += (double)sample * sample;
            }

            power[i] = sum / Step;
        }

        double quiet = Math.Max(LouderHalf(power) * QuietShare, Silence);
        (int Start, int End)? longest = null;
        int start = 0;
        for (int i = 0; i <= power.Length; i++)
        {
            if (i < power.Length && power[i] <= quiet)
            {
                continue;
            }

            bool longer = i - start >= ShortestSteps && (longest is not { } best || i - start >= (best.End - best.Start) / Step);
            if (longer && (start + i) / 2 * Step >= from)
            {
                longest = (start * Step, i * Step);
            }

            start = i + 1;
        }

        return longest;
    }

    private static double LouderHalf(double[] power)
    {
        double[] sorted = [.. power];
        Array.Sort(sorted);
        double sum = 0;
        for (int i = sorted.Length / 2; i < sorted.Length; i++)
        {
            sum += sorted[i];
        }

        return sorted.Length == 0 ? 0 : sum / (sorted.Length - (sorted.Length / 2));
    }
}
