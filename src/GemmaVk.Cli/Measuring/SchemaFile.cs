using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Measuring;

/// <summary>A file with one schema, or with lines of schemas and instances to try.</summary>
internal static class SchemaFile
{
    private const long LargestFile = 1L << 30;

    /// <summary>Reads it.</summary>
    /// <exception cref="GemmaVkException">It is missing, or no JSON.</exception>
    public static List<(string Name, JsonElement Schema, JsonElement Tests)> Read(string path)
    {
        string text;
        try
        {
            long size = new FileInfo(path).Length;
            text = size <= LargestFile ? File.ReadAllText(path) : throw new GemmaVkException($"{path}: {size} bytes are too many for a file of schemas (at most {LargestFile}); split it.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GemmaVkException($"{path}: cannot read it ({e.Message}); expected a file with a JSON Schema, or with lines of them.", e);
        }

        List<(string, JsonElement, JsonElement)> entries = [];
        if (Parse(text) is { } whole)
        {
            Add(entries, Path.GetFileNameWithoutExtension(path), whole);
            return entries;
        }

        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                Add(entries, $"{Path.GetFileName(path)}:{number}", Parse(line) ?? throw new GemmaVkException($"{path}: line {number} is not JSON; expected one schema in the file, or one object a line."));
            }
        }

        return entries.Count > 0 ? entries : throw new GemmaVkException($"{path}: the file is empty; expected a JSON Schema, or lines of them.");
    }

    private static JsonElement? Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Add(List<(string, JsonElement, JsonElement)> entries, string name, JsonElement entry)
    {
        // A schema has no keyword of that name; a line of a collection has.
        if (entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("schema", out JsonElement schema) && schema.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False)
        {
            string called = entry.TryGetProperty("name", out JsonElement given) && given.ValueKind == JsonValueKind.String ? given.GetString()! : name;
            entries.Add((called, schema, entry.TryGetProperty("tests", out JsonElement tests) ? tests : default));
        }
        else
        {
            entries.Add((name, entry, default));
        }
    }
}
