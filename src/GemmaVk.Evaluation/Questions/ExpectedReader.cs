using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using GemmaVk.Grammar;

namespace GemmaVk.Evaluation.Questions;

/// <summary>Reads what a line wants for an answer.</summary>
internal static class ExpectedReader
{
    private const int MostExpression = 4096;
    private const int MostChoices = 256;
    private static readonly string[] Fields = ["answer", "choices", "contains", "regex", "schema", "call", "transcript"];

    /// <summary>Reads it.</summary>
    /// <exception cref="FieldException">It is not there, there are several, or it is wrong.</exception>
    public static Expected Read(JsonElement root)
    {
        string[] given = [.. Fields.Where(field => root.TryGetProperty(field, out _) && !(field == "answer" && root.TryGetProperty("choices", out _)))];
        if (given.Length != 1)
        {
            throw new FieldException(given.Length == 0 ? "" : given[1], given.Length == 0
                ? $"expected one of {string.Join(", ", Fields)}, but none is there"
                : $"\"{given[0]}\" and \"{given[1]}\": expected one of them, because an answer is judged in one way");
        }

        JsonElement value = root.GetProperty(given[0]);
        return given[0] switch
        {
            "answer" => new Expected(ExpectedKind.Exact) { Texts = QuestionReader.Texts(root, "answer") },
            "contains" => new Expected(ExpectedKind.Contains) { Texts = QuestionReader.Texts(root, "contains") },
            "choices" => Choices(root),
            "regex" => new Expected(ExpectedKind.Regex) { Expression = Expression(QuestionReader.Text(root, "regex")!) },
            "schema" => new Expected(ExpectedKind.Schema) { Schema = Schema(value) },
            "call" => Call(value),
            _ => new Expected(ExpectedKind.Transcript) { Transcript = Words(QuestionReader.Text(root, "transcript")!) },
        };
    }

    private static string Words(string transcript) => WordErrors.Words(transcript).Length > 0
        ? transcript
        : throw new FieldException("transcript", "\"transcript\": expected at least one word, because errors are counted by words");

    private static Expected Choices(JsonElement root)
    {
        IReadOnlyList<string> texts = QuestionReader.Texts(root, "choices");
        if (texts.Count is < 2 or > MostChoices || texts.Any(string.IsNullOrEmpty))
        {
            throw new FieldException("choices", $"\"choices\": expected 2 to {MostChoices} texts that are not empty, but {texts.Count} came");
        }

        int right = !root.TryGetProperty("answer", out JsonElement answer) ? -1
            : answer.ValueKind == JsonValueKind.Number && answer.TryGetInt32(out int index) && index < texts.Count ? index
            : answer.ValueKind == JsonValueKind.String ? texts.ToList().IndexOf(answer.GetString()!)
            : -1;
        return right >= 0
            ? new Expected(ExpectedKind.Choices) { Texts = texts, Right = right }
            : throw new FieldException("answer", $"\"answer\": expected one of the choices, or its place from 0 to {texts.Count - 1}");
    }

    private static Regex Expression(string pattern)
    {
        if (pattern.Length > MostExpression)
        {
            throw new FieldException("regex", $"\"regex\": expected at most {MostExpression} characters, but it has {pattern.Length}");
        }

        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new FieldException("regex", $"\"regex\": expected an expression that takes time in proportion to the answer, without look-around and references back, but {error.Message.TrimEnd('.')}");
        }
    }

    private static TextGrammar Schema(JsonElement schema)
    {
        try
        {
            return TextGrammar.OfSchema(schema, new SchemaOptions(AnyOrder: true));
        }
        catch (GrammarException error)
        {
            throw new FieldException("schema", $"\"schema\"{(error.Path.Length == 0 ? "" : $" at {error.Path}")}: expected keywords that can be checked, but \"{error.Keyword}\" cannot: {error.Reason}");
        }
    }

    private static Expected Call(JsonElement call) =>
        call.ValueKind == JsonValueKind.Object && call.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String
            && call.TryGetProperty("arguments", out JsonElement arguments) && arguments.ValueKind == JsonValueKind.Object
            ? new Expected(ExpectedKind.Call) { Tool = name.GetString()!, Arguments = arguments }
            : throw new FieldException("call", $"\"call\": expected an object with a name and arguments, but {QuestionReader.Shown(call)} came");
}
