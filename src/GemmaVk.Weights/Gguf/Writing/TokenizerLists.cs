using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf.Writing;

/// <summary>The lists of a tokenizer.json as GGUF has them: spellings by id, their kinds, merges as "left right".</summary>
internal sealed class TokenizerLists
{
    private const long LargestFile = 1L << 28;
    private const int Normal = 1, Control = 3, UserDefined = 4, Byte = 6;

    // They steer the model and are still part of what a reader of its answers has to see: llama.cpp's converter marks them so.
    private static readonly string[] Visible = ["<|channel>", "<channel|>", "<|tool_call>", "<tool_call|>", "<|tool_response>", "<tool_response|>", "<|\"|>"];

    private TokenizerLists(byte[][] tokens, int[] kinds, byte[][] merges)
    {
        Tokens = tokens;
        Kinds = kinds;
        Merges = merges;
    }

    public byte[][] Tokens { get; }

    public int[] Kinds { get; }

    public byte[][] Merges { get; }

    /// <summary>Reads a tokenizer.json.</summary>
    /// <exception cref="GemmaVkException">It is missing, or not of the form that Gemma's has.</exception>
    public static TokenizerLists Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new GemmaVkException($"{path} must be there, because a GGUF file holds the vocabulary too, but is not; copy the checkpoint's tokenizer.json there, or name one with --tokenizer.");
        }

        using JsonDocument document = JsonFile.Read(path, LargestFile);
        try
        {
            JsonElement model = document.RootElement.GetProperty("model");
            SortedDictionary<int, string> tokens = [];
            foreach (JsonProperty token in model.GetProperty("vocab").EnumerateObject())
            {
                tokens.Add(token.Value.GetInt32(), token.Name);
            }

            HashSet<int> added = [];
            HashSet<int> special = [];
            foreach (JsonElement token in document.RootElement.GetProperty("added_tokens").EnumerateArray())
            {
                int id = token.GetProperty("id").GetInt32();
                tokens.TryAdd(id, token.GetProperty("content").GetString()!);
                added.Add(id);
                if (token.TryGetProperty("special", out JsonElement flag) && flag.ValueKind == JsonValueKind.True)
                {
                    special.Add(id);
                }
            }

            if (tokens.Count == 0 || tokens.Keys.Last() != tokens.Count - 1)
            {
                throw new FormatException("its ids are not 0 to the number of tokens minus one");
            }

            int[] kinds = [.. tokens.Select(token => Kind(token.Value, added.Contains(token.Key), special.Contains(token.Key)))];
            return new TokenizerLists(
                [.. tokens.Values.Select(Encoding.UTF8.GetBytes)], kinds, [.. model.GetProperty("merges").EnumerateArray().Select(merge => Encoding.UTF8.GetBytes(Merge(merge)))]);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new GemmaVkException($"{path} must be the tokenizer.json of a Gemma 4 checkpoint, but is not: {Complaint.Of(error)} Take the file that belongs to the checkpoint.", error);
        }
    }

    /// <summary>The id of a spelling, or null.</summary>
    public int? Find(string spelling)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(spelling);
        int id = Array.FindIndex(Tokens, token => token.AsSpan().SequenceEqual(utf8));
        return id < 0 ? null : id;
    }

    private static string Merge(JsonElement merge) => merge.ValueKind == JsonValueKind.Array ? $"{merge[0].GetString()} {merge[1].GetString()}" : merge.GetString()!;

    private static int Kind(string text, bool added, bool special) =>
        Visible.Contains(text) ? UserDefined
        : special ? Control
        : added ? UserDefined
        : text is ['<', '0', 'x', _, _, '>'] ? Byte : Normal;
}
