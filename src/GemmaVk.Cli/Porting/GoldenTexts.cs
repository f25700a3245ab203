using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GemmaVk.Cli.Comparing;

namespace GemmaVk.Cli.Porting;

/// <summary>
/// Results that are JSON in the kit, as arrays, so that a port answers all sets in one form: ids as I32, text as U8 in UTF-8, named
/// SET.N by the place of the case in its list, from 0 on.
/// </summary>
internal static class GoldenTexts
{
    /// <summary><c>encode.N</c>.</summary>
    public static IEnumerable<NumberArray> Encode(JsonElement root) => Cases(root).Select((each, n) => Ids($"encode.{n}", each.GetProperty("ids")));

    /// <summary><c>decode.N</c> and <c>decode_skip.N</c>.</summary>
    public static IEnumerable<NumberArray> Decode(JsonElement root) => Cases(root).SelectMany((each, n) => (NumberArray[])[Utf8($"decode.{n}", each.GetProperty("text").GetString()!), Utf8($"decode_skip.{n}", each.GetProperty("text_skip").GetString()!)]);

    /// <summary><c>stream.N</c>.</summary>
    public static IEnumerable<NumberArray> Stream(JsonElement root) => Cases(root).Select((each, n) =>
        Utf8($"stream.{n}", $"[{string.Join(",", each.GetProperty("chunks").EnumerateArray().Append(each.GetProperty("final")).Select(text => text.GetRawText()))}]"));

    /// <summary><c>prompts.N</c> and <c>prompts.N.ids</c>, of the cases that are not refused.</summary>
    public static IEnumerable<NumberArray> Prompts(JsonElement root) => Cases(root).SelectMany((each, n) =>
        (NumberArray[])[
            .. each.TryGetProperty("prompt", out JsonElement prompt) && prompt.ValueKind == JsonValueKind.String ? [Utf8($"prompts.{n}", prompt.GetString()!)] : Array.Empty<NumberArray>(),
            .. each.TryGetProperty("ids", out JsonElement ids) && ids.ValueKind == JsonValueKind.Array ? [Ids($"prompts.{n}.ids", ids)] : Array.Empty<NumberArray>()]);

    /// <summary><c>expand.N.ids</c> and <c>expand.N.kinds</c>.</summary>
    public static IEnumerable<NumberArray> Expand(JsonElement root) => Cases(root).SelectMany((each, n) =>
        (NumberArray[])[Whole($"expand.{n}.ids", Runs(each.GetProperty("input_ids_rle"))), Whole($"expand.{n}.kinds", Runs(each.GetProperty("mm_token_type_ids_rle")))]);

    /// <summary><c>parse.N</c>.</summary>
    public static IEnumerable<NumberArray> Parse(JsonElement root) => Cases(root).Select((each, n) => Utf8($"parse.{n}", each.GetProperty("expect").GetRawText()));

    /// <summary><c>answers.NAME</c>, of text and of media.</summary>
    public static IEnumerable<NumberArray> Answers(JsonElement root) => Cases(root).Select(each =>
        Ids($"{(each.TryGetProperty("file", out _) ? "media" : "answers")}.{each.GetProperty("name").GetString()}", each.GetProperty("answer_ids")));

    /// <summary><c>sizes</c> [rows, 3].</summary>
    public static IEnumerable<NumberArray> Sizes(JsonElement root)
    {
        JsonElement[] rows = [.. root.GetProperty("rows").EnumerateArray()];
        int[] values = [.. rows.SelectMany(row => Enumerable.Range(3, 3).Select(column => row[column].ValueKind == JsonValueKind.Number ? row[column].GetInt32() : -1))];
        yield return NumberArray.Of("sizes", "I32", MemoryMarshal.AsBytes<int>(values).ToArray(), rows.Length, 3);
    }

    /// <summary><c>greedy_choices</c> (the cases of temperature 0, in order), <c>accept</c>, <c>draws.N</c> and <c>rounds.N</c>.</summary>
    public static IEnumerable<NumberArray> Speculative(JsonElement root)
    {
        yield return Whole("greedy_choices", [.. Cases(root).Select(each => each.GetProperty("greedy")).Where(id => id.ValueKind == JsonValueKind.Number).Select(id => id.GetInt32())]);
        JsonElement[] drafts = [.. root.GetProperty("speculative").EnumerateArray()];
        double[] accept = [.. drafts.Select(each => each.GetProperty("accept_probability").GetDouble())];
        yield return NumberArray.Of("accept", "F64", MemoryMarshal.AsBytes<double>(accept).ToArray(), accept.Length);
        for (int n = 0; n < drafts.Length; n++)
        {
            yield return Whole($"draws.{n}", [.. drafts[n].GetProperty("draws").EnumerateArray().Select(draw => draw.GetProperty("token").GetInt32())]);
        }

        foreach ((JsonElement round, int n) in root.GetProperty("rounds").EnumerateArray().Select((round, n) => (round, n)))
        {
            yield return Ids($"rounds.{n}", round.GetProperty("tokens_sample_and_match"));
        }
    }

    private static JsonElement.ArrayEnumerator Cases(JsonElement root) => root.GetProperty("cases").EnumerateArray();

    private static int[] Runs(JsonElement runs) => [.. runs.EnumerateArray().SelectMany(run => Enumerable.Repeat(run[0].GetInt32(), run[1].GetInt32()))];

    private static NumberArray Ids(string name, JsonElement ids) => Whole(name, [.. ids.EnumerateArray().Select(id => id.GetInt32())]);

    private static NumberArray Whole(string name, int[] values) => NumberArray.Of(name, "I32", MemoryMarshal.AsBytes<int>(values).ToArray(), values.Length);

    private static NumberArray Utf8(string name, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return NumberArray.Of(name, "U8", bytes, bytes.Length);
    }
}
