using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Xunit;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests;

public class SpeechPiecesTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void AShortRecordingIsOnePiece()
    {
        float[] speech = Speech(16_000 * 3);
        SpeechPiece piece = Assert.Single(SpeechPieces.Cut(speech, 3 * Second, Second));
        Assert.Equal(speech, piece.Samples);
        Assert.Equal((TimeSpan.Zero, 3 * Second, 0, true), (piece.Start, piece.End, piece.Overlap, piece.EndsInPause));
        Assert.Empty(SpeechPieces.Cut(Array.Empty<float>(), 3 * Second, Second));
    }

    [Fact]
    public void ItIsCutInTheMiddleOfTheLongestPause()
    {
        // Pauses of 0.3, 0.6 and 0.4 s; the first lies in the first half of what a piece may hold.
        float[] speech = Speech(16_000 * 12, (2.0, 0.3), (6.0, 0.6), (8.0, 0.4));
        SpeechPiece[] pieces = [.. SpeechPieces.Cut(speech, 10 * Second, Second)];
        Assert.Equal(2, pieces.Length);
        Assert.True(pieces[0].EndsInPause);
        Assert.InRange(pieces[0].End.TotalSeconds, 6.28, 6.32);

        // What both have is silence.
        Assert.InRange(pieces[1].Overlap, 1, (int)(0.31 * 16_000));
        Assert.All(pieces[1].Samples[..pieces[1].Overlap], sample => Assert.InRange(sample, -0.01f, 0.01f));
    }

    [Fact]
    public void WhereNobodyPausesPiecesOverlap()
    {
        SpeechPiece[] pieces = [.. SpeechPieces.Cut(Speech(16_000 * 10), 4 * Second, Second)];
        Assert.Equal([0, 3, 6], pieces.Select(piece => piece.Start.TotalSeconds));
        Assert.Equal([4, 7, 10], pieces.Select(piece => piece.End.TotalSeconds));
        Assert.Equal([false, false, true], pieces.Select(piece => piece.EndsInPause));
        Assert.Equal([0, 16_000, 16_000], pieces.Select(piece => piece.Overlap));
    }

    [Fact]
    public void SilenceAloneIsAPause()
    {
        SpeechPiece[] pieces = [.. SpeechPieces.Cut(new float[16_000 * 9], 4 * Second, Second)];
        Assert.All(pieces, piece => Assert.True(piece.EndsInPause));
    }

    [Property(MaxTest = 100)]
    public void EverySampleIsInAPieceAndNoPieceIsTooLong(SpeechToCut one)
    {
        float[] speech = Speech(one.Samples, [.. one.Pauses.Select(pause => (pause.At / 1000.0, pause.Length / 1000.0))]);
        TimeSpan longest = TimeSpan.FromMilliseconds(one.Longest), overlap = TimeSpan.FromMilliseconds(one.Overlap);
        long covered = 0;
        foreach (SpeechPiece piece in SpeechPieces.Cut(speech, longest, overlap))
        {
            Assert.Equal(covered, piece.First + piece.Overlap);
            Assert.InRange(piece.Overlap, 0, (int)(overlap.TotalSeconds * 16_000));
            Assert.InRange(piece.Samples.Length, piece.Overlap + 1, (int)(longest.TotalSeconds * 16_000));
            Assert.True(speech.AsSpan((int)piece.First, piece.Samples.Length).SequenceEqual(piece.Samples));
            covered = piece.First + piece.Samples.Length;
        }

        Assert.Equal(speech.Length, covered);
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(10, 5)]
    [InlineData(10, -1)]
    [InlineData(5000, 1)]
    public void LengthsThatDoNotFitAreRefused(double longest, double overlap) =>
        Assert.Contains("choose other lengths", Assert.Throws<GemmaVkException>(() => SpeechPieces.Cut(new float[9], TimeSpan.FromSeconds(longest), TimeSpan.FromSeconds(overlap))).Message, StringComparison.Ordinal);

    // A voice that never falls silent, but in the pauses, where a little noise remains.
    private static float[] Speech(int count, params (double At, double Seconds)[] pauses)
    {
        Random random = new(11);
        float[] samples = new float[count];
        for (int i = 0; i < count; i++)
        {
            double t = i / 16_000.0;
            bool quiet = Array.Exists(pauses, pause => t >= pause.At && t < pause.At + pause.Seconds);
            samples[i] = quiet ? (float)((random.NextDouble() - 0.5) * 0.01) : (float)(0.3 * Math.Sin(2 * Math.PI * 180 * t) * (1 + (0.3 * Math.Sin(2 * Math.PI * 3 * t))));
        }

        return samples;
    }
}
