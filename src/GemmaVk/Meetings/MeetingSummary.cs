using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Structured;

namespace GemmaVk.Meetings;

/// <summary>
/// A summary of any length of talk in one context: notes of a stretch of turns at a time, then a text from the notes. A note's time is one of the
/// turns' own, because the shape offers no other.
/// </summary>
/// <param name="engine">The model.</param>
/// <param name="people">For names.</param>
/// <param name="count">Told of each answer.</param>
internal sealed class MeetingSummary(GemmaEngine engine, IReadOnlyList<MeetingPerson> people, Action<Answer> count)
{
    private const int MostContext = 8192;
    private const int MostTurns = 60;
    private const int MostPoints = 8;
    private const int LongestPoint = 160;
    private const int LongestSummary = 1200;
    private const int MostAnswer = 1536;

    private int Context => Math.Min(MostContext, engine.Model.Config.MaxPositionEmbeddings);

    /// <summary>Tokens of turns or notes that go into one question.</summary>
    private int Room => (Context - MostAnswer - 128) * 3 / 4;

    /// <summary>How many of the turns from <paramref name="first"/> on go together: at least one.</summary>
    public int Stretch(IReadOnlyList<MeetingTurn> turns, int first)
    {
        int tokens = 0, last = first;
        while (last < turns.Count && last - first < MostTurns && (tokens += Tokens(Line(turns[last]))) <= Room)
        {
            last++;
        }

        return Math.Max(1, last - first);
    }

    /// <summary>Notes of a stretch.</summary>
    public StretchNotes Note(IReadOnlyList<MeetingTurn> turns, CancellationToken cancel)
    {
        string[] stamps = [.. turns.Select(turn => Stamp(turn.Start)).Distinct()];
        StringBuilder words = new("This was said in a part of a meeting:\n");
        words.AppendJoin('\n', turns.Select(Line));
        words.Append("\nNote what matters, each with the time of the line in which it is said, and whether it was decided. Write JSON with \"points\".");
        string schema = $$$"""
            {"type":"object","properties":{"points":{"type":"array","maxItems":{{{MostPoints}}},"items":{"type":"object","properties":{
              "at":{"enum":[{{{string.Join(',', stamps.Select(stamp => $"\"{stamp}\""))}}}]},"decided":{"type":"boolean"},"text":{"type":"string","maxLength":{{{LongestPoint}}}}},
              "required":["at","decided","text"]} }},"required":["points"]}
            """;
        Answer answer = Ask(words.ToString(), AnswerShape.OfSchema(schema, "the notes"), cancel);
        try
        {
            using JsonDocument json = JsonDocument.Parse(answer.Text);
            MeetingPoint[] points =
            [
                .. json.RootElement.GetProperty("points").EnumerateArray()
                    .Select(point => new MeetingPoint(TimeSpan.ParseExact(point.GetProperty("at").GetString()!, "c", CultureInfo.InvariantCulture), point.GetProperty("text").GetString()!.Trim(), point.GetProperty("decided").GetBoolean()))
                    .Where(point => point.Text.Length > 0)
                    .OrderBy(point => point.At),
            ];
            return new StretchNotes(turns.Count, points, Whole: true);
        }
        catch (JsonException)
        {
            return new StretchNotes(turns.Count, [], Whole: false);
        }
    }

    /// <summary>A text from all notes; where they are too many for one question, from texts of some of them at a time.</summary>
    public string Write(IReadOnlyList<MeetingPoint> points, CancellationToken cancel)
    {
        List<string> lines = [.. points.Select(point => $"[{Stamp(point.At)}]{(point.IsDecision ? " Decided:" : "")} {point.Text}")];
        while (lines.Count > 1 && lines.Sum(Tokens) > Room)
        {
            List<string> shorter = [];
            for (int first = 0; first < lines.Count;)
            {
                int tokens = 0, last = first;
                while (last < lines.Count && (last - first < 2 || tokens + Tokens(lines[last]) <= Room))
                {
                    tokens += Tokens(lines[last++]);
                }

                shorter.Add(Text(lines[first..last], LongestSummary / 4, cancel));
                first = last;
            }

            lines = shorter;
        }

        return lines.Count == 0 ? "" : Text(lines, LongestSummary, cancel);
    }

    /// <summary>A time as notes carry it.</summary>
    internal static string Stamp(TimeSpan time) => TimeSpan.FromSeconds(Math.Floor(time.TotalSeconds)).ToString("c", CultureInfo.InvariantCulture);

    private string Text(IReadOnlyList<string> lines, int longest, CancellationToken cancel)
    {
        string schema = $$$"""{"type":"object","properties":{"summary":{"type":"string","maxLength":{{{longest}}}}},"required":["summary"]}""";
        Answer answer = Ask($"These are notes of a meeting:\n{string.Join('\n', lines)}\nSummarize it in a few sentences. Write JSON with \"summary\".", AnswerShape.OfSchema(schema, "the summary"), cancel);
        try
        {
            using JsonDocument json = JsonDocument.Parse(answer.Text);
            return json.RootElement.GetProperty("summary").GetString()!.Trim();
        }
        catch (JsonException)
        {
            // Cut off by the limit: what was written until there.
            int open = answer.Text.IndexOf(':', StringComparison.Ordinal);
            return open < 0 ? "" : answer.Text[(open + 1)..].Trim(' ', '"', '\\');
        }
    }

    private Answer Ask(string words, AnswerShape shape, CancellationToken cancel)
    {
        using GemmaSession session = engine.NewSession(Context);
        Answer answer = session.Ask(words, new AskOptions { Draw = new DrawOptions(Temperature: 0), Shape = shape, MaxTokens = MostAnswer }, cancel: cancel);
        cancel.ThrowIfCancellationRequested();
        count(answer);
        return answer;
    }

    private string Line(MeetingTurn turn) => turn.Speaker == 0 ? $"[{Stamp(turn.Start)}] {turn.Text}" : $"[{Stamp(turn.Start)}] {MeetingNames.Of(people, turn.Speaker)}: {turn.Text}";

    private int Tokens(string line) => engine.Tokenizer.Encode(line, specials: false).Length + 1;
}
