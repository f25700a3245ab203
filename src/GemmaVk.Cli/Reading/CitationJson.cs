using System.Collections.Generic;
using System.Text.Json;
using GemmaVk.Documents;
using GemmaVk.Documents.Answers;

namespace GemmaVk.Cli.Reading;

/// <summary>Sources of an answer, and passages, as JSON.</summary>
internal static class CitationJson
{
    /// <summary>Writes "citations": a sentence each, with its source or null for the model's own.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<CitedSentence> sentences)
    {
        json.WriteStartArray("citations");
        foreach (CitedSentence sentence in sentences)
        {
            json.WriteStartObject();
            json.WriteNumber("start", sentence.Start);
            json.WriteNumber("end", sentence.Start + sentence.Text.Length);
            json.WriteString("sentence", sentence.Text);
            if (sentence.Source is { } source)
            {
                Write(json, source);
            }
            else
            {
                json.WriteNull("file");
            }

            json.WriteNumber("score", System.Math.Round(sentence.Score, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes file, page, heading and text of a passage.</summary>
    public static void Write(Utf8JsonWriter json, Passage passage)
    {
        json.WriteString("file", passage.File);
        if (passage.Page is { } page)
        {
            json.WriteNumber("page", page);
        }
        else
        {
            json.WriteNull("page");
        }

        json.WriteString("heading", passage.Heading);
        json.WriteString("text", passage.Text);
    }
}
