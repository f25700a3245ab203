using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using GemmaVk.Cli.Listings;
using GemmaVk.Meetings;
using GemmaVk.Transcripts;

namespace GemmaVk.Cli.Transcripts;

/// <summary>A meeting as a document.</summary>
/// <param name="meeting">What was said.</param>
/// <param name="note">What is not to be passed over of the sound, or null.</param>
internal sealed class MeetingDocument(Meeting meeting, string? note)
{
    /// <summary>Writes it as text, json, srt, vtt or md.</summary>
    public void Write(TextWriter output, string format)
    {
        switch (format)
        {
            case "json":
                JsonOutput.Write(output, Json);
                break;
            case "srt" or "vtt":
                Cues(output, web: format == "vtt");
                break;
            case "md":
                Markdown(output);
                break;
            default:
                Text(output);
                break;
        }
    }

    private void Cues(TextWriter output, bool web)
    {
        CueTranscript cues = new(output, web);
        foreach (MeetingTurn turn in meeting.Turns)
        {
            cues.Part(new TranscriptPart(turn.Start, turn.End, $"{Said(turn)}{turn.Text}", NewLine: true));
        }

        cues.Finish();
    }

    private void Text(TextWriter output)
    {
        foreach (MeetingTurn turn in meeting.Turns)
        {
            output.WriteLine($"[{Stamp(turn.Start)}] {Said(turn)}{turn.Text.ReplaceLineEndings(" ")}");
        }

        if (meeting.Summary is { } summary)
        {
            output.WriteLine($"\nSummary: {(summary.Length > 0 ? summary.ReplaceLineEndings(" ") : "nothing was noted.")}");
            foreach (MeetingPoint point in meeting.Points)
            {
                output.WriteLine($"[{Stamp(point.At)}] {(point.IsDecision ? "Decided: " : "")}{point.Text.ReplaceLineEndings(" ")}");
            }
        }
    }

    private void Markdown(TextWriter output)
    {
        output.WriteLine("# Meeting");
        if (note is not null)
        {
            output.WriteLine($"\n> {Escaped(note)}");
        }

        if (meeting.Summary is { } summary)
        {
            output.WriteLine($"\n## Summary\n\n{(summary.Length > 0 ? Escaped(summary) : "Nothing was noted.")}");
            Points(output, "Decisions", meeting.Points.Where(point => point.IsDecision));
            Points(output, "Notes", meeting.Points.Where(point => !point.IsDecision));
        }

        if (meeting.People.Count > 0)
        {
            output.WriteLine("\n## People\n");
            foreach (MeetingPerson person in meeting.People)
            {
                output.WriteLine($"- {Escaped(MeetingNames.Of(meeting.People, person.Number))}{(person.About.Length > 0 ? $": {Escaped(person.About)}" : "")}");
            }
        }

        output.WriteLine("\n## Transcript");
        foreach (MeetingTurn turn in meeting.Turns)
        {
            string who = turn.Speaker > 0 ? $"**{Escaped(MeetingNames.Of(meeting.People, turn.Speaker))}** " : "";
            output.WriteLine($"\n{who}({Stamp(turn.Start)}) {Escaped(turn.Text)}");
        }
    }

    private static void Points(TextWriter output, string heading, IEnumerable<MeetingPoint> points)
    {
        MeetingPoint[] all = [.. points];
        if (all.Length > 0)
        {
            output.WriteLine($"\n## {heading}\n");
            foreach (MeetingPoint point in all)
            {
                output.WriteLine($"- {Stamp(point.At)} {Escaped(point.Text)}");
            }
        }
    }

    private void Json(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", "gemmavk-meeting-1");
        if (note is not null)
        {
            json.WriteString("note", note);
        }

        if (meeting.Summary is not null)
        {
            json.WriteString("summary", meeting.Summary);
            Array(json, "points", meeting.Points, point =>
            {
                json.WriteNumber("at", Math.Round(point.At.TotalSeconds, 3));
                json.WriteBoolean("decided", point.IsDecision);
                json.WriteString("text", point.Text);
            });
        }

        Array(json, "people", meeting.People, person =>
        {
            json.WriteNumber("number", person.Number);
            json.WriteString("name", person.Name);
            json.WriteString("about", person.About);
        });
        Array(json, "turns", meeting.Turns, turn =>
        {
            json.WriteNumber("start", Math.Round(turn.Start.TotalSeconds, 3));
            json.WriteNumber("end", Math.Round(turn.End.TotalSeconds, 3));
            if (turn.Speaker > 0)
            {
                json.WriteNumber("speaker", turn.Speaker);
            }

            json.WriteString("text", turn.Text);
        });
        json.WriteStartObject("stats");
        json.WriteNumber("sound", Math.Round(meeting.Stats.Sound.TotalSeconds, 3));
        json.WriteNumber("pieces", meeting.Stats.Pieces);
        json.WriteNumber("cut_off", meeting.Stats.CutOff);
        json.WriteNumber("unattributed", meeting.Stats.Unattributed);
        json.WriteNumber("unfinished", meeting.Stats.Unfinished);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Array<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> values, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (T value in values)
        {
            json.WriteStartObject();
            write(value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private string Said(MeetingTurn turn) => turn.Speaker > 0 ? $"{MeetingNames.Of(meeting.People, turn.Speaker)}: " : "";

    private static string Stamp(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}");

    /// <summary>Text of a model or a recording stays text: nothing in it is markup.</summary>
    private static string Escaped(string text)
    {
        StringBuilder escaped = new();
        foreach (char letter in text.ReplaceLineEndings(" "))
        {
            escaped.Append(letter is '\\' or '*' or '_' or '[' or ']' or '<' or '>' or '#' or '`' or '|' or '~' ? "\\" : "").Append(letter);
        }

        return escaped.ToString();
    }
}
