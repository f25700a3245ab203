using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace GemmaVk.Hybrid.Rules;

/// <summary>What rules look at.</summary>
/// <param name="Newest">The newest words of the user.</param>
/// <param name="Tokens">Tokens of the conversation's words.</param>
/// <param name="Modalities">Kinds of content beside words: image, audio, video.</param>
/// <param name="HasTools">Whether tools are offered.</param>
public sealed record RouteQuestion(string Newest, int Tokens, IReadOnlySet<string> Modalities, bool HasTools)
{
    /// <summary>Looks at a call of a client.</summary>
    public static RouteQuestion Of(IReadOnlyList<ChatMessage> messages, ChatOptions? options, Func<string, int> countTokens)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(countTokens);
        AIContent[] contents = [.. messages.SelectMany(message => message.Contents)];
        HashSet<string> kinds = [.. contents.Select(KindOf).OfType<string>()];
        return new RouteQuestion(
            messages.LastOrDefault(message => message.Role == ChatRole.User)?.Text ?? "",
            messages.Sum(message => countTokens(message.Text)) + countTokens(options?.Instructions ?? ""),
            kinds,
            options?.Tools?.Count > 0);
    }

    /// <summary>Whether a mark stands among the words, as a word of its own.</summary>
    public bool Says(string mark) => Words(Newest).Contains(mark, StringComparer.Ordinal);

    /// <summary>A text without a mark.</summary>
    public static string Without(string text, string mark)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(mark);
        return Regex.Replace(text, $@"(?<!\S){Regex.Escape(mark)}(?!\S)[ \t]?", "").Trim();
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static string? KindOf(AIContent content) => content switch
    {
        DataContent data => Kind(data.MediaType),
        UriContent address => Kind(address.MediaType),
        MediaContent media => media.Part.Kind switch { Text.ChatPartKind.Image => "image", Text.ChatPartKind.Audio => "audio", Text.ChatPartKind.Video => "video", _ => null },
        _ => null,
    };

    private static string Kind(string type) => type.Split('/')[0].ToLowerInvariant() switch { "image" => "image", "audio" => "audio", _ => "video" };
}
