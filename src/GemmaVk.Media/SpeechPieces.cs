using System;
using System.Collections.Generic;
using GemmaVk.Tensors;

namespace GemmaVk.Media;

/// <summary>
/// Cuts a recording of any length into pieces the model can hear: at the longest pause in the second half of what a piece may hold, or,
/// where nobody pauses, at its full length with an overlap, from which the words at the seam can be told. Pulls no more samples than
/// one piece needs.
/// </summary>
public static class SpeechPieces
{
    /// <summary>Longest piece unless asked otherwise: 30 s, the 750 soft tokens the model was trained with.</summary>
    public static TimeSpan LongestDefault { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Overlap unless asked otherwise.</summary>
    public static TimeSpan OverlapDefault { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Cuts a stream as it comes.</summary>
    /// <param name="stream">Read to its end.</param>
    /// <param name="longest">Longest piece, at least 1 s.</param>
    /// <param name="overlap">What two pieces share where there is no pause; less than half of <paramref name="longest"/>. In a pause they share a quarter of it at most: words fade out into its beginning.</param>
    /// <returns>Pieces in order; together they hold every sample. None of an empty stream.</returns>
    /// <exception cref="GemmaVkException">The lengths do not fit; and what the stream throws.</exception>
    public static IEnumerable<SpeechPiece> Cut(SampleStream stream, TimeSpan longest, TimeSpan overlap)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Cut(samples => stream.Read(samples.Span), longest, overlap);
    }

    /// <summary>Cuts a recording that is there already.</summary>
    /// <param name="samples">One channel at 16 kHz.</param>
    /// <param name="longest">As above.</param>
    /// <param name="overlap">As above.</param>
    public static IEnumerable<SpeechPiece> Cut(ReadOnlyMemory<float> samples, TimeSpan longest, TimeSpan overlap)
    {
        ReadOnlyMemory<float> left = samples;
        return Cut(
            to =>
            {
                int count = Math.Min(left.Length, to.Length);
                left.Span[..count].CopyTo(to.Span);
                left = left[count..];
                return count;
            },
            longest, overlap);
    }

    private static IEnumerable<SpeechPiece> Cut(Func<Memory<float>, int> read, TimeSpan longest, TimeSpan overlap)
    {
        if (longest < TimeSpan.FromSeconds(1) || longest > TimeSpan.FromHours(1) || overlap < TimeSpan.Zero || overlap >= longest / 2)
        {
            throw new GemmaVkException(
                $"A recording is cut into pieces of 1 s to 1 h that overlap by less than half, but {longest.TotalSeconds} s with {overlap.TotalSeconds} s were asked for; choose other lengths.");
        }

        return Pieces(read, (int)(longest.TotalSeconds * SampleStream.Rate), (int)(overlap.TotalSeconds * SampleStream.Rate));
    }

    private static IEnumerable<SpeechPiece> Pieces(Func<Memory<float>, int> read, int longest, int overlap)
    {
        // One sample more than a piece shows whether the recording goes on.
        float[] window = new float[longest + 1];
        long first = 0;
        int count = 0, shared = 0;
        while (true)
        {
            for (int came; count < window.Length && (came = read(window.AsMemory(count))) > 0;)
            {
                count += came;
            }

            if (count <= longest)
            {
                if (count > shared)
                {
                    yield return new SpeechPiece(first, window[..count], shared, EndsInPause: true);
                }

                yield break;
            }

            (int Start, int End)? pause = PauseFinder.Find(window.AsSpan(0, longest), longest / 2);
            int end = pause is { } found ? (found.Start + found.End) / 2 : longest;
            int next = end - (pause is { } at ? Math.Min(overlap, (at.End - at.Start) / 4) : overlap);
            yield return new SpeechPiece(first, window[..end], shared, pause is not null);

            shared = end - next;
            first += next;
            count -= next;
            window.AsSpan(next, count).CopyTo(window);
        }
    }
}
