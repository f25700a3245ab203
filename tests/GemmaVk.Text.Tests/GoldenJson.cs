using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace GemmaVk.Text.Tests;

/// <summary>Reads cases of tests/golden that are JSON.</summary>
internal static class GoldenJson
{
    public static string PebbleTokenizer { get; } = Path.Combine(Repository.Pebble, "tokenizer.json");

    public static JsonElement Of(params string[] path) => Read(Repository.Golden(path));

    public static JsonElement Read(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }

    public static IEnumerable<JsonElement> Cases(this JsonElement file, string list = "cases") => file.GetProperty(list).EnumerateArray();

    public static int[] Ints(this JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetInt32())];

    public static string Str(this JsonElement owner, string key) => owner.GetProperty(key).GetString()!;
}
