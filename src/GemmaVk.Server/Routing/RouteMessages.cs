using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Server.Http;
using Microsoft.Extensions.AI;

namespace GemmaVk.Server.Routing;

/// <summary>A request of /v1/chat/completions as a router sees it. The request was read before, and is what it should be.</summary>
internal static class RouteMessages
{
    /// <summary>Its messages.</summary>
    public static IReadOnlyList<ChatMessage> Of(Fields body) => [.. (body.List("messages") ?? []).Select(Message)];

    /// <summary>How it is to be answered.</summary>
    /// <param name="body">The request.</param>
    /// <param name="runs">Whether the server runs tools: those are declared to no endpoint.</param>
    public static ChatOptions Options(Fields body, bool runs) => new()
    {
        MaxOutputTokens = body.Whole("max_completion_tokens", 1, int.MaxValue) ?? (body.Whole("max_tokens", -1, int.MaxValue) is > 0 and var most ? most : null),
        Temperature = body.Real("temperature", 0, 5),
        TopP = body.Real("top_p", 0, 1),
        Tools = [.. (body.List("tools") ?? []).Select(tool => tool.GetProperty("function")).Select(function => AIFunctionFactory.CreateDeclaration(
            function.GetProperty("name").GetString()!,
            Text(function, "description") ?? "",
            function.TryGetProperty("parameters", out JsonElement parameters) ? parameters.Clone() : JsonElement.Parse("{}")))],
        ToolMode = runs ? ChatToolMode.None : null,
    };

    private static ChatMessage Message(JsonElement json)
    {
        string role = Text(json, "role")!;
        if (role == "tool")
        {
            return new ChatMessage(ChatRole.Tool, [new FunctionResultContent(Text(json, "tool_call_id") ?? "", string.Join('\n', Contents(json).OfType<TextContent>().Select(text => text.Text)))]);
        }

        List<AIContent> contents = [.. Contents(json)];
        if (json.TryGetProperty("tool_calls", out JsonElement calls) && calls.ValueKind == JsonValueKind.Array)
        {
            contents.AddRange(calls.EnumerateArray().Select(call => new FunctionCallContent(Text(call, "id") ?? "", Text(call.GetProperty("function"), "name") ?? "", Arguments(call.GetProperty("function")))));
        }

        return new ChatMessage(new ChatRole(role == "developer" ? "system" : role), contents);
    }

    private static IEnumerable<AIContent> Contents(JsonElement message)
    {
        if (!message.TryGetProperty("content", out JsonElement content) || content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            return [];
        }

        return content.ValueKind == JsonValueKind.String ? [new TextContent(content.GetString())] : content.EnumerateArray().Select(Part);
    }

    private static AIContent Part(JsonElement part)
    {
        if (part.TryGetProperty("image_url", out JsonElement picture) && (picture.ValueKind == JsonValueKind.String ? picture.GetString() : Text(picture, "url")) is { } url && url.StartsWith("data:", StringComparison.Ordinal))
        {
            return new DataContent(url);
        }

        if (part.TryGetProperty("input_audio", out JsonElement sound))
        {
            string format = Text(sound, "format") ?? "wav";
            return new DataContent(Convert.FromBase64String(Text(sound, "data") ?? ""), format == "mp3" ? "audio/mpeg" : $"audio/{format}");
        }

        // A file of this machine, or a clip: a rule sees that it is there, and it does not leave.
        return Text(part, "text") is { } words ? new TextContent(words) : new UriContent("file:///", part.TryGetProperty("video_url", out _) ? "video/any" : "image/any");
    }

    private static Dictionary<string, object?> Arguments(JsonElement function) => Text(function, "arguments") is { Length: > 0 } text
        ? JsonElement.Parse(text).EnumerateObject().ToDictionary(pair => pair.Name, pair => (object?)pair.Value)
        : [];

    private static string? Text(JsonElement owner, string name) => owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
