using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace GemmaVk.Text.Tests;

/// <summary>Where the tests find their data.</summary>
internal static class Repository
{
    /// <summary>The folder that holds GemmaVk.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Data too large for the repository, beside it; may be absent.</summary>
    public static string Shared { get; } = Path.Combine(Root, "..", "shared");

    public static string PebbleTokenizer { get; } = Path.Combine(Root, "weights", "pebble", "tokenizer.json");

    public static JsonElement Golden(params string[] path) => Read(Path.Combine([Root, "tests", "golden", .. path]));

    public static JsonElement Read(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }

    public static IEnumerable<JsonElement> Cases(this JsonElement file, string list = "cases") => file.GetProperty(list).EnumerateArray();

    public static int[] Ints(this JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetInt32())];

    public static string Str(this JsonElement owner, string key) => owner.GetProperty(key).GetString()!;

    private static string FindRoot()
    {
        string? at = AppContext.BaseDirectory;
        while (at is not null && !File.Exists(Path.Combine(at, "GemmaVk.sln")))
        {
            at = Path.GetDirectoryName(at);
        }

        return at ?? throw new InvalidOperationException("the tests must run inside the repository");
    }
}
