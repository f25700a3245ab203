using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using GemmaVk.Structured;

namespace GemmaVk.Meetings;

/// <summary>
/// Who says each line of a piece, asked beside its sound and with the sheet of who was heard before. The shape has a place for every line and
/// numbers only, so an answer that ends is whole, and no word of the transcript can change.
/// </summary>
internal sealed class SpeakerQuestion
{
    /// <summary>Most people that are told apart.</summary>
    public const int MostPeople = 12;

    private const int LongestName = 40;
    private const int LongestAbout = 60;
    private const int TokensPerLine = 8;
    private const int TokensPerPerson = 80;
    private const int MostNotes = 4;

    private readonly int _lines;

    /// <param name="text">What was said in the piece.</param>
    /// <param name="people">Who was heard before.</param>
    public SpeakerQuestion(string text, IReadOnlyList<MeetingPerson> people)
    {
        IReadOnlyList<Range> lines = Meetings.Lines.Of(text);
        _lines = lines.Count;
        StringBuilder words = new("These lines were said in the recording:\n");
        for (int i = 0; i < lines.Count; i++)
        {
            words.Append(CultureInfo.InvariantCulture, $"{i + 1}. {text[lines[i]]}\n");
        }

        words.Append(people.Count == 0 ? "Nobody was heard before.\n" : "Heard before:\n");
        foreach (MeetingPerson person in people)
        {
            words.Append(CultureInfo.InvariantCulture, $"{person.Number}: {(person.Name.Length > 0 ? person.Name : "name unknown")}{(person.About.Length > 0 ? $", {person.About}" : "")}\n");
        }

        words.Append("Say by number who says each line: the number of a voice that was heard before, or the next free one. Where a name or a role is said, note it. Write JSON with \"lines\" and \"people\".");
        Text = words.ToString();
        Shape = AnswerShape.OfSchema(Schema(lines.Count, Math.Min(MostPeople, (people.Count == 0 ? 0 : people.Max(person => person.Number)) + 3)), "the speakers");
        MostTokens = 64 + (_lines * TokensPerLine) + (MostNotes * TokensPerPerson);
    }

    /// <summary>The question.</summary>
    public string Text { get; }

    /// <summary>What the answer may be.</summary>
    public AnswerShape Shape { get; }

    /// <summary>More than any whole answer takes.</summary>
    public int MostTokens { get; }

    /// <summary>Reads an answer that ended; null where it is not whole.</summary>
    public (IReadOnlyList<int> Speakers, IReadOnlyList<MeetingPerson> People)? Read(string answer)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(answer);
            int[] speakers = [.. json.RootElement.GetProperty("lines").EnumerateArray().Select(number => number.GetInt32())];
            MeetingPerson[] people =
            [
                .. json.RootElement.GetProperty("people").EnumerateArray()
                    .Select(person => new MeetingPerson(person.GetProperty("number").GetInt32(), Words(person, "name"), Words(person, "about"))),
            ];
            return speakers.Length == _lines ? (speakers, people) : null;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>A name or a note has letters; signs alone say nothing.</summary>
    private static string Words(JsonElement person, string name) => person.GetProperty(name).GetString()!.ReplaceLineEndings(" ").Trim() is var words && words.Any(char.IsLetter) ? words : "";

    private static string Schema(int lines, int most)
    {
        string numbers = $$$"""{"enum":[{{{string.Join(',', Enumerable.Range(1, most))}}}]}""";
        return $$$"""
            {"type":"object","properties":{
              "lines":{"type":"array","items":{{{numbers}}},"minItems":{{{lines}}},"maxItems":{{{lines}}}},
              "people":{"type":"array","maxItems":{{{MostNotes}}},"items":{"type":"object","properties":{
                "number":{{{numbers}}},"name":{"type":"string","maxLength":{{{LongestName}}}},"about":{"type":"string","maxLength":{{{LongestAbout}}}}},
                "required":["number","name","about"]} }},
             "required":["lines","people"]}
            """;
    }
}
