using System;
using System.Collections.Generic;
using GemmaVk.Tensors;

namespace GemmaVk.Media;

/// <summary>
/// Cuts a recording while it is made, so that what was said can be written while one goes on speaking: as soon as half a second is
/// quiet after speech. Where nobody pauses it is cut as <see cref="SpeechPieces"/> does. Stretches in which nobody speaks are left out.
/// </summary>
public static class LivePieces
{
    // Samples that are looked at together, the pause that ends a piece, and the shortest piece.
    private const int Block = SampleStream.Rate / 10;
    private const int Quiet = SampleStream.Rate / 2;
    private const int Shortest = SampleStream.Rate * 3 / 10;

    /// <summary>Cuts a stream as it comes.</summary>
    /// <param name="stream">Read to its end, which may never come.</param>
    /// <param name="longest">Longest piece, at least 1 s.</param>
    /// <param name="overlap">What two pieces share where there is no pause; less than half of <paramref name="longest"/>.</param>
    /// <returns>Pieces in order.</returns>
    /// <exception cref="GemmaVkException">What the stream throws.</exception>
    public static IEnumerable<SpeechPiece> Cut(SampleStream stream, TimeSpan longest, TimeSpan overlap)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(overlap, longest / 2);
        return Pieces(samples => stream.Read(samples.Span), (int)(longest.TotalSeconds * SampleStream.Rate), (int)(overlap.TotalSeconds * SampleStream.Rate));
    }

    /// <summary>The same of any source that gives 0 at its end.</summary>
    internal static IEnumerable<SpeechPiece> Pieces(Func<Memory<float>, int> read, int longest, int overlap)
    {
        // One sample more than a piece shows whether the recording goes on.
        float[] window = new float[longest + 1];
        long first = 0;
        int count = 0, shared = 0;
        while (true)
        {
            int came = Fill(read, window.AsMemory(count, Math.Min(Block, window.Length - count)));
            count += came;
            (int end, int next, bool pause) = Cut(window.AsSpan(0, count), longest, overlap, ended: came == 0);
            if (end > 0)
            {
                SpeechPiece? heard = end > shared ? Silence.Trim(new SpeechPiece(first, window[..end], shared, pause), Silence.OfMicrophones) : null;
                if (heard is not null)
                {
                    yield return heard;
                }

                shared = heard is null ? 0 : end - next;
                first += next;
                count -= next;
                window.AsSpan(next, count).CopyTo(window);
            }

            if (came == 0)
            {
                yield break;
            }
        }
    }

    /// <summary>A block, or what is left.</summary>
    private static int Fill(Func<Memory<float>, int> read, Memory<float> block)
    {
        int count = 0;
        for (int came; count < block.Length && (came = read(block[count..])) > 0;)
        {
            count += came;
        }

        return count;
    }

    /// <summary>Where a piece ends, if it does, and where the next begins.</summary>
    private static (int End, int Next, bool Pause) Cut(ReadOnlySpan<float> samples, int longest, int overlap, bool ended)
    {
        if (ended)
        {
            return (samples.Length, samples.Length, true);
        }

        // A pause grows by a block from look to look: its middle is at most so far from the end when it is first long enough.
        (int Start, int End)? pause = PauseFinder.Find(samples, samples.Length - (Quiet / 2) - Block);
        if (pause is { } quiet && samples.Length - quiet.End < PauseFinder.Step && quiet.End - quiet.Start >= Quiet && (quiet.Start >= Shortest || quiet.Start == 0))
        {
            int middle = (quiet.Start + quiet.End) / 2;
            return (middle, middle, true);
        }

        if (samples.Length <= longest)
        {
            return (0, 0, false);
        }

        if (PauseFinder.Find(samples[..longest], longest / 2) is { } late)
        {
            int middle = (late.Start + late.End) / 2;
            return (middle, middle, true);
        }

        return (longest, longest - overlap, false);
    }
}
