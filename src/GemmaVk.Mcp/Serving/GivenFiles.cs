using System;
using System.IO;
using System.Text.Json;
using GemmaVk.Mcp.BuiltIn;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;

namespace GemmaVk.Mcp.Serving;

/// <summary>Pictures and sounds that callers give: the path of a file below the allowed folders, or bytes in base64.</summary>
/// <param name="folders">Below which files may be named.</param>
internal sealed class GivenFiles(AllowedFolders folders)
{
    private const int MostCharacters = 96 << 20;

    /// <summary>The properties of a schema that say where it is.</summary>
    public const string Properties = "\"path\":{\"type\":\"string\",\"description\":\"Path of the file.\"},\"data\":{\"type\":\"string\",\"description\":\"In place of the path: the file's bytes in base64.\"}";

    /// <summary>Opens what was given.</summary>
    /// <param name="arguments">With "path" or "data".</param>
    /// <param name="what">What is expected.</param>
    /// <returns>Its bytes, and what they are called.</returns>
    /// <exception cref="GemmaVkException">Neither or both came, or it cannot be read.</exception>
    public (Stream Bytes, string Name) Open(JsonElement arguments, string what)
    {
        (string? path, string? data) = (ToolSchema.Text(arguments, "path"), ToolSchema.Text(arguments, "data"));
        if ((path is null) == (data is null))
        {
            throw new GemmaVkException($"expected {what} as \"path\" or as \"data\", but {(path is null ? "neither" : "both")} came; give one of them.");
        }

        if (path is not null)
        {
            FileStream file = folders.Open(path);
            return (file, folders.Shown(file.Name));
        }

        if (data!.Length > MostCharacters)
        {
            throw new GemmaVkException($"\"data\": expected at most {MostCharacters >> 20} MiB of base64, but {data.Length >> 20} came; give a path.");
        }

        // An address that holds its data counts as the data.
        int comma = data.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? data.IndexOf(',', StringComparison.Ordinal) : -1;
        try
        {
            return (new MemoryStream(Convert.FromBase64String(data[(comma + 1)..])), "the data");
        }
        catch (FormatException e)
        {
            throw new GemmaVkException("\"data\": expected base64, but it is none; encode the file's bytes.", e);
        }
    }
}
