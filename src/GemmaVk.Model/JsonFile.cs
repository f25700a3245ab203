using System;
using System.IO;
using System.Text.Json;
using System.Text.Unicode;
using GemmaVk.Tensors;

namespace GemmaVk.Model;

/// <summary>
/// Reads one of a checkpoint's JSON files; what it cannot read it refuses with the file's name. A byte order mark, comments and commas
/// before a closing bracket change no meaning and are passed over.
/// </summary>
public static class JsonFile
{
    // The released files have a few kilobytes; a list of layer types for thousands of layers still fits.
    private const long LargestConfig = 4 << 20;
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Parses <paramref name="path"/>; the caller disposes the document.</summary>
    /// <param name="path">The file.</param>
    /// <param name="largest">Most bytes that it may have.</param>
    /// <exception cref="GemmaVkException">It is missing, unreadable, too long, or no JSON.</exception>
    public static JsonDocument Read(string path, long largest = LargestConfig)
    {
        try
        {
            // The stream's length, not the directory entry's: download caches hold symbolic links.
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > largest)
            {
                throw new GemmaVkException(
                    $"{path} must be a configuration file of at most {largest} bytes, but has {stream.Length}; restore the file that was published with the checkpoint.");
            }

            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return Parse(bytes, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{path} must be readable, but reading it failed: {Complaint.Of(error)} Check the path and its permissions.", error);
        }
    }

    /// <summary>The bytes of <paramref name="json"/> without what may stand in front of the text.</summary>
    public static ReadOnlyMemory<byte> Text(ReadOnlyMemory<byte> json) => json.Span is [0xEF, 0xBB, 0xBF, ..] ? json[3..] : json;

    /// <summary>Parses <paramref name="json"/>, which came from <paramref name="path"/>.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, string path)
    {
        json = Text(json);
        if (json.Span is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, _, ..] or [_, 0, ..])
        {
            throw new GemmaVkException($"{path} must be UTF-8 text, but is UTF-16; save it as UTF-8.");
        }

        if (!Utf8.IsValid(json.Span))
        {
            throw new GemmaVkException($"{path} must be valid UTF-8, but is not; restore the file that was published with the checkpoint.");
        }

        try
        {
            return JsonDocument.Parse(json, Options);
        }
        catch (JsonException error)
        {
            throw NoNumber(json.Span, error) is { } word
                ? new GemmaVkException($"{path} must be valid JSON, but line {error.LineNumber + 1} has {word}, which JSON has no number for; write a number, or null for the default.", error)
                : new GemmaVkException(
                $"{path} must be valid JSON, but is not: line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}; restore the file that was published with the checkpoint.",
                error);
        }
    }

    /// <summary>NaN or Infinity, as Python writes them, where the reader stumbled; else null.</summary>
    private static string? NoNumber(ReadOnlySpan<byte> json, JsonException error)
    {
        for (long line = error.LineNumber ?? 0; line > 0 && json.IndexOf((byte)'\n') is >= 0 and var end; line--)
        {
            json = json[(end + 1)..];
        }

        int at = (int)Math.Min(error.BytePositionInLine ?? 0, json.Length);
        foreach (string word in (ReadOnlySpan<string>)["-Infinity", "Infinity", "-NaN", "NaN"])
        {
            int from = Math.Max(0, at - word.Length);
            if (json[from..Math.Min(json.Length, at + word.Length)].IndexOf(System.Text.Encoding.ASCII.GetBytes(word)) >= 0)
            {
                return word;
            }
        }

        return null;
    }
}
