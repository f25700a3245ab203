using System;

namespace GemmaVk.Media;

/// <summary>What is not worth hearing: stretches in which nobody speaks, at which a model guesses words.</summary>
public static class Silence
{
    /// <summary>Mean power of 10 ms, 70 dB below full scale: quieter than any recording of speech.</summary>
    public const double OfRecordings = 1e-7;

    /// <summary>50 dB below full scale: quieter than speech into a microphone, and louder than its noise.</summary>
    public const double OfMicrophones = 1e-5;

    // Soft consonants begin and end words: 50 ms more than what is loud. Loud is within 40 dB of the loudest.
    private const int Margin = SampleStream.Rate / 20;
    private const double Soft = 1e-4;

    /// <summary>A piece without the silence at its borders; the border to a piece that overlaps stays.</summary>
    /// <param name="piece">Any piece.</param>
    /// <param name="quiet">What counts as silence, whatever else is heard.</param>
    /// <returns>The piece, shorter or as it was; null where nobody speaks.</returns>
    public static SpeechPiece? Trim(SpeechPiece piece, double quiet)
    {
        ArgumentNullException.ThrowIfNull(piece);
        ReadOnlySpan<float> samples = piece.Samples;
        int steps = (samples.Length + PauseFinder.Step - 1) / PauseFinder.Step;
        double loudest = 0;
        for (int i = 0; i < steps; i++)
        {
            loudest = Math.Max(loudest, Power(samples, i));
        }

        if (loudest <= quiet)
        {
            return null;
        }

        double loud = Math.Max(quiet, loudest * Soft);
        int first = 0, last = steps - 1;
        while (Power(samples, first) <= loud)
        {
            first++;
        }

        while (Power(samples, last) <= loud)
        {
            last--;
        }

        bool overlaps = piece.Overlap > 0 && first * PauseFinder.Step < piece.Overlap;
        int start = overlaps ? 0 : Math.Max(0, (first * PauseFinder.Step) - Margin);
        int end = piece.EndsInPause ? Math.Min(samples.Length, ((last + 1) * PauseFinder.Step) + Margin) : samples.Length;
        return start == 0 && end == samples.Length
            ? piece
            : new SpeechPiece(piece.First + start, piece.Samples[start..end], Math.Max(0, piece.Overlap - start), piece.EndsInPause);
    }

    private static double Power(ReadOnlySpan<float> samples, int step)
    {
        ReadOnlySpan<float> part = samples[(step * PauseFinder.Step)..Math.Min(samples.Length, (step + 1) * PauseFinder.Step)];
        double sum = 0;
        foreach (float sample in part)
        {
            sum += (double)sample * sample;
        }

        return sum / part.Length;
    }
}
