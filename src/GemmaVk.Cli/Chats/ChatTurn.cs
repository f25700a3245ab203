using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace GemmaVk.Cli.Chats;

/// <summary>Something that was said, and what came back.</summary>
/// <param name="Text">The user's words.</param>
/// <param name="Media">Pictures, sounds and clips that went with them.</param>
internal sealed record ChatTurn(string Text, IReadOnlyList<LoadedMedia> Media)
{
    /// <summary>Their names: all there is of them in a conversation that was loaded.</summary>
    public IReadOnlyList<string> Files { get; init; } = [.. Media.Select(media => media.Name)];

    /// <summary>The answer; several where calls of tools came between.</summary>
    public List<Answer> Answers { get; } = [];

    /// <summary>Results of the calls, in order.</summary>
    public List<JsonElement> Results { get; } = [];
}
