using System.Text.Json;
using GemmaVk.Documents.Answers;
using GemmaVk.Server.Answers;

namespace GemmaVk.Server.Chat;

/// <summary>Writes "citations" of an answer: where each of its sentences came from. The text itself stays as the model wrote it.</summary>
internal static class CitationWriter
{
    private const int MostLetters = 200;

    /// <summary>Writes them, one object for each sentence; nothing where the request has no documents.</summary>
    /// <param name="json">Inside a choice.</param>
    /// <param name="content">The whole answer; start and end count its UTF-16 units.</param>
    /// <param name="sources">What it can come from.</param>
    public static void Write(Utf8JsonWriter json, string content, AnswerSources? sources)
    {
        if (sources is null)
        {
            return;
        }

        json.WriteStartArray("citations");
        foreach (CitedSentence sentence in new Attribution(sources.Passages, sources.Question).OfAnswer(content))
        {
            json.WriteStartObject();
            json.WriteNumber("start", sentence.Start);
            json.WriteNumber("end", sentence.Start + sentence.Text.Length);
            json.WriteBoolean("own", sentence.Source is null);
            if (sentence.Source is { } source)
            {
                json.WriteString("file", source.File);
                if (source.Page is { } page)
                {
                    json.WriteNumber("page", page);
                }
                else
                {
                    json.WriteNull("page");
                }

                json.WriteString("text", Beginning(source.Text));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // Half a letter of two units would be no text.
    private static string Beginning(string text) => text.Length <= MostLetters ? text : $"{text[..(char.IsHighSurrogate(text[MostLetters - 1]) ? MostLetters - 1 : MostLetters)]}...";
}
