using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Transcripts;
using Xunit;

namespace GemmaVk.Tests;

public sealed class TranscriptStreamTests
{
    [Fact]
    public void Text_appears_as_it_comes_where_nothing_overlaps()
    {
        Sink sink = new();
        TranscriptStream stream = new(sink);
        stream.Begin(Second(1), Second(2), overlapsNext: false);
        stream.Append("four");
        Assert.Equal("[1]four", sink.Shown);
        stream.Append(" sev");
        Assert.Equal("[1]four sev", sink.Shown);
        stream.Append("en.\n");
        stream.End();
        stream.Begin(Second(3), Second(4), overlapsNext: false);
        stream.Append("one.");
        stream.End();
        stream.Finish();
        Assert.Equal("[1]four seven.[3]one.", sink.Shown);
        Assert.Equal([new(Second(1), Second(2), "four seven.", true), new(Second(3), Second(4), "one.", true)], sink.Parts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void A_seam_is_closed_whatever_the_steps_of_the_model(int step)
    {
        Sink sink = new();
        TranscriptStream stream = new(sink);
        (string Text, bool Overlaps)[] pieces =
        [
            ("Once upon a time there was a qui", true),
            ("was a quick brown fox that jumped over the lazy dog and then over the fen", true),
            ("the fence.", false),
            ("The end.", false),
        ];
        for (int i = 0; i < pieces.Length; i++)
        {
            stream.Begin(Second(10 * i), Second((10 * i) + 11), pieces[i].Overlaps);
            foreach (char[] letters in pieces[i].Text.Chunk(step))
            {
                stream.Append(new string(letters));
            }

            stream.End();
        }

        stream.Finish();
        Assert.Equal("[0]Once upon a time there was a quick brown fox that jumped over the lazy dog and then over the fence.[30]The end.", sink.Shown);
        Assert.Equal(
            ["Once upon a time there was a", "quick brown fox that jumped over the lazy dog and then over the", "fence.", "The end."],
            sink.Parts.Select(part => part.Text));
        Assert.Equal([true, false, false, true], sink.Parts.Select(part => part.NewLine));
    }

    [Fact]
    public void A_word_that_waits_for_a_piece_that_never_comes_is_written()
    {
        Sink sink = new();
        TranscriptStream stream = new(sink);
        stream.Begin(Second(0), Second(1), overlapsNext: true);
        stream.Append("alone");
        stream.End();
        Assert.Equal("", sink.Shown);
        stream.Finish();
        Assert.Equal("[0]alone", sink.Shown);
        Assert.Equal("alone", Assert.Single(sink.Parts).Text);
    }

    [Fact]
    public void Silence_between_overlapping_pieces_loses_nothing()
    {
        Sink sink = new();
        TranscriptStream stream = new(sink);
        foreach ((string text, bool overlaps) in ((string, bool)[])[("one two", true), ("", true), ("three", false)])
        {
            stream.Begin(Second(0), Second(1), overlaps);
            stream.Append(text);
            stream.End();
        }

        stream.Finish();
        Assert.Equal("[0]one two three", sink.Shown);
    }

    private static TimeSpan Second(int second) => TimeSpan.FromSeconds(second);

    private sealed class Sink : ITranscriptSink
    {
        public string Shown { get; private set; } = "";

        public List<TranscriptPart> Parts { get; } = [];

        public void Line(TimeSpan start) => Shown += $"[{start.TotalSeconds}]";

        public void Text(string text) => Shown += text;

        public void Part(TranscriptPart part) => Parts.Add(part);
    }
}
