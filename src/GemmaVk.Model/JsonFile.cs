using System;
using System.IO;
using System.Text.Json;
using System.Text.Unicode;
using GemmaVk.Tensors;

namespace GemmaVk.Model;

/// <summary>Reads one small configuration file; what it cannot read it refuses with the file's name.</summary>
internal static class JsonFile
{
    // The released files have a few kilobytes; a list of layer types for thousands of layers still fits.
    private const long LargestBytes = 4 << 20;

    /// <summary>Parses <paramref name="path"/>; the caller disposes the document.</summary>
    public static JsonDocument Read(string path)
    {
        try
        {
            // The stream's length, not the directory entry's: download caches hold symbolic links.
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > LargestBytes)
            {
                throw new GemmaVkException(
                    $"{path} must be a configuration file of at most {LargestBytes} bytes, but has {stream.Length}; restore the file that was published with the checkpoint.");
            }

            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return Parse(bytes, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{path} must be readable, but reading it failed: {error.Message} Check the path and its permissions.", error);
        }
    }

    /// <summary>Parses <paramref name="json"/>, which came from <paramref name="path"/>.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, string path)
    {
        if (!Utf8.IsValid(json.Span))
        {
            throw new GemmaVkException($"{path} must be valid UTF-8, but is not; restore the file that was published with the checkpoint.");
        }

        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException error)
        {
            throw new GemmaVkException(
                $"{path} must be valid JSON, but is not: line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}; restore the file that was published with the checkpoint.",
                error);
        }
    }
}
