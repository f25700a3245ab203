using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Cli.Listings;
using GemmaVk.Transcripts;

namespace GemmaVk.Cli.Transcripts;

/// <summary>One JSON object: text, a note on the sound where there is one, and parts with start and end in seconds.</summary>
internal sealed class JsonTranscript(TextWriter output) : TranscriptWriter
{
    private readonly List<TranscriptPart> _parts = [];

    public override void Part(TranscriptPart part) => _parts.Add(part);

    public override void Finish() => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteString("text", string.Concat(_parts.Select((part, i) => i == 0 ? part.Text : (part.NewLine ? "\n" : " ") + part.Text)));
        if (Note is not null)
        {
            json.WriteString("note", Note);
        }

        json.WriteStartArray("parts");
        foreach (TranscriptPart part in _parts)
        {
            json.WriteStartObject();
            json.WriteNumber("start", Math.Round(part.Start.TotalSeconds, 3));
            json.WriteNumber("end", Math.Round(part.End.TotalSeconds, 3));
            json.WriteString("text", part.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
