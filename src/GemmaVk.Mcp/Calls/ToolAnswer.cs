using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using GemmaVk.Tensors;
using GemmaVk.Text;
using Microsoft.Extensions.AI;

namespace GemmaVk.Mcp.Calls;

/// <summary>What a tool gave back: words, pictures and sounds, in order.</summary>
/// <param name="Contents">Texts (<see cref="TextContent"/>) and bytes (<see cref="DataContent"/>).</param>
/// <param name="IsError">Whether it says what went wrong.</param>
public sealed record ToolAnswer(IReadOnlyList<AIContent> Contents, bool IsError = false)
{
    /// <summary>Its words.</summary>
    public string Text => string.Join('\n', Contents.OfType<TextContent>().Select(text => text.Text));

    /// <summary>Words alone.</summary>
    public static ToolAnswer Of(string text) => new([new TextContent(text)]);

    /// <summary>What went wrong.</summary>
    public static ToolAnswer Failed(string sentence) => new([new TextContent(sentence)], IsError: true);

    /// <summary>
    /// As the model gets it. Words are data: they are never read as control tokens. Pictures and sounds are taken in as such; what cannot be taken is
    /// named in the words.
    /// </summary>
    /// <param name="loader">Reads pictures and sounds; null where the model takes none.</param>
    /// <param name="limits">How much is given.</param>
    /// <param name="cancel">Ends reading.</param>
    public ToolOutput For(MediaLoader? loader, ToolLimits limits, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(limits);
        List<string> words = [];
        List<MessagePart> media = [];
        foreach (AIContent content in Contents)
        {
            switch (content)
            {
                case TextContent text:
                    words.Add(text.Text);
                    break;
                case DataContent data:
                    words.Add(Take(data, loader, media, cancel));
                    break;
            }
        }

        string said = string.Join('\n', words.Where(word => word.Length > 0));
        if (said.Length > limits.ResultCharacters)
        {
            int cut = char.IsHighSurrogate(said[limits.ResultCharacters - 1]) ? limits.ResultCharacters - 1 : limits.ResultCharacters;
            said = $"{said[..cut]}\n(cut off: {said.Length - cut} more characters)";
        }

        return new ToolOutput(IsError ? Error(said) : TextValue.Of(said), media);
    }

    /// <summary>The value that says what went wrong.</summary>
    internal static JsonElement Error(string sentence) =>
        JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["error"] = sentence }, CallJson.Default.DictionaryStringString);

    private static string Take(DataContent data, MediaLoader? loader, List<MessagePart> media, CancellationToken cancel)
    {
        string name = $"{data.MediaType} of {data.Data.Length} bytes";
        ChatPartKind? kind = data.MediaType.Split('/')[0].ToLowerInvariant() switch { "image" => ChatPartKind.Image, "audio" => ChatPartKind.Audio, "video" => ChatPartKind.Video, _ => null };
        if (kind is null || loader is null)
        {
            return $"({name}: not shown, because {(kind is null ? "the model takes words, pictures, sounds and clips" : "this model takes words alone")})";
        }

        try
        {
            LoadedMedia loaded = loader.Load(kind.Value, new MemoryStream(data.Data.ToArray(), writable: false), name, cancel);
            media.AddRange(loaded.Parts.Where(part => part.Kind != ChatPartKind.Text));
            return "";
        }
        catch (GemmaVkException error)
        {
            return $"({error.Message})";
        }
    }
}
