using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using GemmaVk.Evaluation.Records;
using GemmaVk.Evaluation.Subjects;

namespace GemmaVk.Evaluation.Questions;

/// <summary>Holds answers against what is right.</summary>
internal static class Judge
{
    private const int MostDepth = 256;

    /// <summary>Judges an answer that was written.</summary>
    /// <param name="question">What was asked.</param>
    /// <param name="answer">What came.</param>
    /// <param name="seconds">How long it took.</param>
    public static AnswerRecord Of(Question question, GivenAnswer answer, double seconds)
    {
        Expected expected = question.Expected;
        AnswerRecord record = new(question.Id, question.Task, question.Hash, expected.Kind, 0) { Answer = answer.Text, Tokens = answer.Tokens, Seconds = seconds };
        if (expected.Kind == ExpectedKind.Transcript)
        {
            WordErrors errors = WordErrors.Count(expected.Transcript, answer.Text);
            return record with { Score = (double)errors.Errors / errors.Of, Errors = errors.Errors, Words = errors.Of };
        }

        string trimmed = answer.Text.Trim();
        bool right = expected.Kind switch
        {
            ExpectedKind.Exact => expected.Texts.Any(text => text.Trim() == trimmed),
            ExpectedKind.Contains => expected.Texts.All(text => answer.Text.Contains(text, StringComparison.Ordinal)),
            ExpectedKind.Regex => expected.Expression!.IsMatch(answer.Text),
            ExpectedKind.Schema => Fits(expected, trimmed),
            _ => answer.Calls is [var call] && call.Name == expected.Tool && JsonElement.DeepEquals(Arguments(call.Arguments), expected.Arguments),
        };
        return record with { Score = right ? 1 : 0, Calls = [.. answer.Calls.Select(call => $"{call.Name} {call.Arguments.GetRawText()}")] };
    }

    /// <summary>
    /// Judges choices: acc takes the likeliest, acc_norm the one with the most log-likelihood for each byte of its text. Of equals the first is taken.
    /// Source: EleutherAI, lm-evaluation-harness, multiple_choice in lm_eval/api/task.py.
    /// </summary>
    public static AnswerRecord OfChoices(Question question, IReadOnlyList<double> logprobs, double seconds)
    {
        double[] perByte = [.. logprobs.Select((logprob, i) => logprob / Encoding.UTF8.GetByteCount(question.Expected.Texts[i]))];
        int best = Best(logprobs), normed = Best(perByte);
        return new AnswerRecord(question.Id, question.Task, question.Hash, ExpectedKind.Choices, best == question.Expected.Right ? 1 : 0)
        {
            ScoreNorm = normed == question.Expected.Right ? 1 : 0,
            Answer = question.Expected.Texts[best],
            Logprobs = [.. logprobs],
            Seconds = seconds,
        };
    }

    private static int Best(IReadOnlyList<double> values)
    {
        int best = 0;
        for (int i = 1; i < values.Count; i++)
        {
            best = values[i] > values[best] ? i : best;
        }

        return best;
    }

    /// <summary>Whether a text is JSON that the schema takes. Blanks do not count, nor does the order of properties: what is checked is the compact text.</summary>
    private static bool Fits(Expected expected, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MostDepth, AllowDuplicateProperties = false });
            return expected.Schema!.Matches(CompactJson.Of(document.RootElement));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static JsonElement Arguments(JsonElement given)
    {
        if (given.ValueKind != JsonValueKind.String)
        {
            return given;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(given.GetString()!);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return given;
        }
    }
}
