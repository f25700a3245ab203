using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;

namespace GemmaVk.Text.Tests;

/// <summary>The real Gemma 4 vocabulary: its lists are taken from a GGUF file and written as a tokenizer.json of the released form and size.</summary>
internal static class RealVocabulary
{
    private static readonly Lazy<string> Written = new(Write);
    private static readonly Lazy<BpeTokenizer> Loaded = new(() => BpeTokenizer.Load(Written.Value));

    public static string Source { get; } = System.IO.Path.Combine(Repository.Shared ?? "", "golden", "tokenizer", "ggml-vocab-gemma-4.gguf");

    /// <summary>The tokenizer.json in a folder for temporary files.</summary>
    public static string Path => Written.Value;

    public static BpeTokenizer Tokenizer => Loaded.Value;

    private static string Write()
    {
        Dictionary<string, List<string>> lists = ReadStringLists(Source);
        List<string> tokens = lists["tokenizer.ggml.tokens"];
        string path = System.IO.Path.Combine(Directory.CreateTempSubdirectory("gemmavk-text-").FullName, "tokenizer.json");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(System.IO.Path.GetDirectoryName(path)!, recursive: true);
        using FileStream file = File.Create(path);
        var options = new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using var json = new Utf8JsonWriter(file, options);
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteStartArray("added_tokens");
        for (int id = 0; id < tokens.Count; id++)
        {
            if (ControlTexts.Contains(tokens[id]))
            {
                json.WriteRawValue($$"""{"id": {{id}}, "content": {{JsonSerializer.Serialize(tokens[id])}}, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}""");
            }
        }

        json.WriteEndArray();
        json.WritePropertyName("normalizer");
        json.WriteRawValue("""{"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}""");
        json.WritePropertyName("pre_tokenizer");
        json.WriteRawValue("""{"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false}""");
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteBoolean("byte_fallback", true);
        json.WriteBoolean("ignore_merges", false);
        json.WriteStartObject("vocab");
        for (int id = 0; id < tokens.Count; id++)
        {
            json.WriteNumber(tokens[id], id);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (string merge in lists["tokenizer.ggml.merges"])
        {
            int space = merge.IndexOf(' ', StringComparison.Ordinal);
            json.WriteStartArray();
            json.WriteStringValue(merge.AsSpan(0, space));
            json.WriteStringValue(merge.AsSpan(space + 1));
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        return path;
    }

    private static HashSet<string> ControlTexts { get; } = [.. ControlText.All];

    /// <summary>The key-value part of a GGUF file, of which only lists of strings are kept. Format: ggml's gguf.md, version 3.</summary>
    private static Dictionary<string, List<string>> ReadStringLists(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
        string Text() => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));
        static int Size(uint kind) => kind switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 4 or 5 or 6 => 4, _ => 8 };
        reader.ReadUInt64();
        reader.ReadUInt64();
        var lists = new Dictionary<string, List<string>>();
        for (ulong pairs = reader.ReadUInt64(); pairs > 0; pairs--)
        {
            string key = Text();
            uint kind = reader.ReadUInt32();
            uint inner = kind == 9 ? reader.ReadUInt32() : kind;
            ulong count = kind == 9 ? reader.ReadUInt64() : 1;
            if (inner != 8)
            {
                reader.ReadBytes((int)count * Size(inner));
                continue;
            }

            var list = new List<string>((int)count);
            for (ulong i = 0; i < count; i++)
            {
                list.Add(Text());
            }

            lists[key] = list;
        }

        return lists;
    }
}
