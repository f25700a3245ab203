using System;
using System.Globalization;
using System.IO;
using GemmaVk.Transcripts;

namespace GemmaVk.Cli.Transcripts;

/// <summary>A transcript in one of the formats.</summary>
internal abstract class TranscriptWriter : ITranscriptSink
{
    /// <summary>The writer of a format.</summary>
    /// <param name="format">text, json, srt or vtt.</param>
    /// <param name="output">Where to.</param>
    /// <param name="stamps">Text has a time before each line.</param>
    public static TranscriptWriter Of(string format, TextWriter output, bool stamps) => format switch
    {
        "json" => new JsonTranscript(output),
        "srt" => new CueTranscript(output, web: false),
        "vtt" => new CueTranscript(output, web: true),
        _ => new TextTranscript(output, stamps),
    };

    /// <inheritdoc/>
    public virtual void Line(TimeSpan start)
    {
    }

    /// <inheritdoc/>
    public virtual void Text(string text)
    {
    }

    /// <inheritdoc/>
    public virtual void Part(TranscriptPart part)
    {
    }

    /// <summary>What is not to be passed over of the sound itself, or null; for formats that have a place for it.</summary>
    public string? Note { get; set; }

    /// <summary>Ends it; what was heard until here is a whole document.</summary>
    public abstract void Finish();

    /// <summary>Hours, minutes, seconds and thousandths.</summary>
    protected static string Stamp(TimeSpan time, char point) => string.Create(
        CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}{point}{time.Milliseconds:000}");
}
