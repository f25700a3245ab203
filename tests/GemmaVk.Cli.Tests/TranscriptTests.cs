using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Transcripts;
using GemmaVk.Transcripts;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class TranscriptTests
{
    private static readonly TranscriptPart[] Parts =
    [
        new(TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(2.5), "Is 1 < 2 & 3?", true),
        new(TimeSpan.FromSeconds(3661.5), TimeSpan.FromSeconds(3671.5), "Nobody said how long a subtitle may be, but two lines of forty-two letters are what broadcasters agree on, and so do we.", true),
        new(TimeSpan.FromSeconds(3671.5), TimeSpan.FromSeconds(3672), "Yes.", false),
    ];

    [Fact]
    public void Text_has_a_line_per_pause_and_stamps_on_request()
    {
        Assert.Equal("Is it?\nYes. Really.\n", Text(stamps: false));
        Assert.Equal("[00:00:00] Is it?\n[01:01:01] Yes. Really.\n", Text(stamps: true));
    }

    [Fact]
    public void Subtitles_are_numbered_short_and_in_step()
    {
        string[] cues = Written("srt").Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("1\n00:00:00,250 --> 00:00:02,500\nIs 1 < 2 & 3?", cues[0]);
        Assert.StartsWith("2\n01:01:01,500 --> 01:01:0", cues[1], StringComparison.Ordinal);
        Assert.Equal("4\n01:01:11,500 --> 01:01:12,000\nYes.", cues[^1]);
        Assert.All(cues.SelectMany(cue => cue.Split('\n')), line => Assert.True(line.Length <= 42, line));
        Assert.All(cues, cue => Assert.True(cue.Split('\n').Length <= 4));
        // One cue begins where the one before ends.
        Assert.Equal(cues[1].Split('\n')[1].Split(" --> ")[1], cues[2].Split('\n')[1].Split(" --> ")[0]);
        Assert.EndsWith("--> 01:01:11,500", cues[2].Split('\n')[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Web_subtitles_have_their_head_points_and_escapes()
    {
        string text = Written("vtt");
        Assert.StartsWith("WEBVTT\n\n1\n00:00:00.250 --> 00:00:02.500\nIs 1 &lt; 2 &amp; 3?\n\n", text, StringComparison.Ordinal);
        StringWriter empty = new();
        TranscriptWriter.Of("vtt", empty, stamps: false).Finish();
        Assert.Equal("WEBVTT\n\n", empty.ToString());
    }

    [Fact]
    public void Json_has_the_text_and_parts_with_seconds()
    {
        JsonElement json = JsonDocument.Parse(Written("json")).RootElement;
        Assert.EndsWith("so do we. Yes.", json.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("Is 1 < 2 & 3?\nNobody", json.GetProperty("text").GetString(), StringComparison.Ordinal);
        JsonElement part = json.GetProperty("parts")[1];
        Assert.Equal((3661.5, 3671.5), (part.GetProperty("start").GetDouble(), part.GetProperty("end").GetDouble()));
    }

    [Fact]
    public void A_word_without_spaces_is_cut_between_letters()
    {
        TranscriptPart part = new(TimeSpan.Zero, TimeSpan.FromSeconds(10), string.Concat(Enumerable.Repeat("天気", 60)), true);
        Assert.Equal(part.Text, string.Concat(Cue.Of(part).Select(cue => cue.Text.Replace("\n", "", StringComparison.Ordinal))));
        Assert.All(Cue.Of(part).SelectMany(cue => cue.Text.Split('\n')), line => Assert.InRange(line.Length, 1, 42));
    }

    private static string Written(string format)
    {
        StringWriter output = new();
        TranscriptWriter writer = TranscriptWriter.Of(format, output, stamps: false);
        foreach (TranscriptPart part in Parts)
        {
            writer.Part(part);
        }

        writer.Finish();
        return output.ToString().ReplaceLineEndings("\n");
    }

    private static string Text(bool stamps)
    {
        StringWriter output = new();
        TranscriptWriter writer = TranscriptWriter.Of("text", output, stamps);
        writer.Line(TimeSpan.FromSeconds(0.25));
        writer.Text("Is");
        writer.Text(" it?");
        writer.Line(TimeSpan.FromSeconds(3661.5));
        writer.Text("Yes.\nReally.");
        writer.Finish();
        return output.ToString().ReplaceLineEndings("\n");
    }
}
