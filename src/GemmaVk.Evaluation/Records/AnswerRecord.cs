using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Evaluation.Questions;

namespace GemmaVk.Evaluation.Records;

/// <summary>An answer and its judgement: a line of a file of records.</summary>
/// <param name="Id">The question's.</param>
/// <param name="Task">What it is counted with.</param>
/// <param name="Hash">The question's: a record counts for the line it was made from alone.</param>
/// <param name="Kind">How it was judged.</param>
/// <param name="Score">1 or 0; of a transcript the word error rate.</param>
public sealed record AnswerRecord(string Id, string Task, string Hash, ExpectedKind Kind, double Score)
{
    /// <summary>Of choices: 1 or 0 for log-likelihoods by byte.</summary>
    public double ScoreNorm { get; init; }

    /// <summary>Of a transcript: wrong words.</summary>
    public int Errors { get; init; }

    /// <summary>Of a transcript: words that were said.</summary>
    public int Words { get; init; }

    /// <summary>What came; of choices the likeliest.</summary>
    public string Answer { get; init; } = "";

    /// <summary>Calls of tools, as name and arguments.</summary>
    public IReadOnlyList<string> Calls { get; init; } = [];

    /// <summary>Of choices: the log-likelihood of each.</summary>
    public IReadOnlyList<double> Logprobs { get; init; } = [];

    /// <summary>Tokens that were written.</summary>
    public int Tokens { get; init; }

    /// <summary>Time it took, the wait for a session included.</summary>
    public double Seconds { get; init; }

    /// <summary>Into an object.</summary>
    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("task", Task);
        json.WriteString("hash", Hash);
        json.WriteString("kind", Kind.ToString().ToLowerInvariant());
        json.WriteNumber("score", Score);
        if (Kind == ExpectedKind.Choices)
        {
            json.WriteNumber("score_norm", ScoreNorm);
            json.WriteStartArray("logprobs");
            foreach (double logprob in Logprobs)
            {
                json.WriteNumberValue(logprob);
            }

            json.WriteEndArray();
        }

        if (Kind == ExpectedKind.Transcript)
        {
            json.WriteNumber("errors", Errors);
            json.WriteNumber("words", Words);
        }

        json.WriteString("answer", Answer);
        if (Calls.Count > 0)
        {
            json.WriteStartArray("calls");
            foreach (string call in Calls)
            {
                json.WriteStringValue(call);
            }

            json.WriteEndArray();
        }

        json.WriteNumber("tokens", Tokens);
        json.WriteNumber("seconds", Math.Round(Seconds, 3));
        json.WriteEndObject();
    }

    /// <summary>Reads an object.</summary>
    /// <exception cref="FormatException">It is no record; <see cref="JsonElement"/> throws others.</exception>
    internal static AnswerRecord Read(JsonElement line)
    {
        string kind = line.GetProperty("kind").GetString() ?? "";
        if (!Enum.TryParse(kind, ignoreCase: true, out ExpectedKind judged) || !Enum.IsDefined(judged) || char.IsAsciiDigit(kind[0]))
        {
            throw new FormatException($"\"{kind}\" is no kind of judgement");
        }

        double score = line.GetProperty("score").GetDouble();
        AnswerRecord record = new(Text(line, "id"), Text(line, "task"), Text(line, "hash"), judged, score) { Answer = Text(line, "answer") };
        record = judged == ExpectedKind.Choices
            ? record with { ScoreNorm = line.GetProperty("score_norm").GetDouble(), Logprobs = [.. line.GetProperty("logprobs").EnumerateArray().Select(each => each.GetDouble())] }
            : judged == ExpectedKind.Transcript ? record with { Errors = line.GetProperty("errors").GetInt32(), Words = line.GetProperty("words").GetInt32() }
            : record;
        return double.IsFinite(score) && score >= 0 && (judged == ExpectedKind.Transcript ? record.Words > 0 && record.Errors >= 0 : score is 0 or 1)
            ? record
            : throw new FormatException("its score is none");
    }

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString() ?? throw new FormatException($"\"{name}\" is null");
}
