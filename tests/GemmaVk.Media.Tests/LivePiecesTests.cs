using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace GemmaVk.Media.Tests;

public class LivePiecesTests
{
    private const int Rate = SampleStream.Rate;

    [Fact]
    public void A_piece_ends_as_soon_as_half_a_second_is_quiet()
    {
        // Speech of 1 s, 2 s of noise at -70 dB, speech of 0.6 s, the end.
        float[] samples = [.. Voice(1), .. Noise(2), .. Voice(0.6)];
        Source source = new(samples);
        using IEnumerator<SpeechPiece> pieces = LivePieces.Pieces(source.Read, 10 * Rate, Rate).GetEnumerator();
        Assert.True(pieces.MoveNext());
        // It is there before the pause is over: at most 0.8 s of it was heard.
        Assert.InRange(source.Given, (int)(1.5 * Rate), (int)(1.8 * Rate));
        // What is quiet is left out but for 50 ms.
        Assert.Equal(1.05, pieces.Current.End.TotalSeconds, 2);
        Assert.True(pieces.Current.EndsInPause);
        Assert.True(pieces.MoveNext());
        Assert.Equal((2.95, 3.6), (Math.Round(pieces.Current.Start.TotalSeconds, 2), Math.Round(pieces.Current.End.TotalSeconds, 2)));
        Assert.False(pieces.MoveNext());
    }

    [Fact]
    public void Silence_is_no_piece() => Assert.Empty(Cut([.. Noise(5), .. new float[5 * Rate]], longest: 2));

    [Fact]
    public void Without_a_pause_pieces_overlap_and_hold_everything()
    {
        float[] samples = Voice(7);
        List<SpeechPiece> pieces = Cut(samples, longest: 3);
        Assert.Equal([false, false, true], pieces.Select(piece => piece.EndsInPause));
        Assert.Equal([0, Rate, Rate], pieces.Select(piece => piece.Overlap));
        Assert.Equal(samples, pieces.SelectMany(piece => piece.Samples.Skip(piece.Overlap)));
        Assert.All(pieces, piece => Assert.Equal(samples[(int)piece.First..((int)piece.First + piece.Samples.Length)], piece.Samples));
    }

    [Fact]
    public void A_pipe_of_bare_samples_is_cut_like_any_other()
    {
        float[] samples = [.. Voice(1), .. Noise(1), .. Voice(1)];
        byte[] bytes = [.. samples.SelectMany(sample => BitConverter.GetBytes((short)(sample * 32767)))];
        using SampleStream stream = SampleStream.FromPipe(new MemoryStream(bytes), "pipe");
        Assert.Equal(2, LivePieces.Cut(stream, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1)).Count());
    }

    private static List<SpeechPiece> Cut(float[] samples, int longest) => [.. LivePieces.Pieces(new Source(samples).Read, longest * Rate, Rate)];

    private static float[] Voice(double seconds)
    {
        Random random = new(1);
        return [.. Enumerable.Range(0, (int)(seconds * Rate)).Select(i => (float)(0.2 * Math.Sin(i * 0.1) + (0.05 * random.NextDouble())))];
    }

    private static float[] Noise(double seconds)
    {
        Random random = new(2);
        return [.. Enumerable.Range(0, (int)(seconds * Rate)).Select(_ => (float)((random.NextDouble() - 0.5) * 1e-3))];
    }

    /// <summary>Gives 100 samples at a time, as a microphone does.</summary>
    private sealed class Source(float[] samples)
    {
        public int Given { get; private set; }

        public int Read(Memory<float> to)
        {
            int count = Math.Min(Math.Min(100, to.Length), samples.Length - Given);
            samples.AsSpan(Given, count).CopyTo(to.Span);
            Given += count;
            return count;
        }
    }
}
