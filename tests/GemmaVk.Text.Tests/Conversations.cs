using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace GemmaVk.Text.Tests;

/// <summary>OpenAI-style conversations of the golden files as messages.</summary>
internal static class Conversations
{
    public static IReadOnlyList<ChatMessage> Messages(JsonElement list) => [.. list.EnumerateArray().Select(Message)];

    public static IReadOnlyList<ToolDeclaration> Tools(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(tool => new ToolDeclaration(tool))] : [];

    private static ChatMessage Message(JsonElement json)
    {
        JsonElement content = Get(json, "content");
        string? reasoning = Get(json, "reasoning").ValueKind == JsonValueKind.String ? json.Str("reasoning") : null;
        if (string.IsNullOrEmpty(reasoning) && Get(json, "reasoning_content").ValueKind == JsonValueKind.String)
        {
            reasoning = json.Str("reasoning_content");
        }

        return new ChatMessage(json.Str("role"), content.ValueKind == JsonValueKind.String ? content.GetString() : null)
        {
            Parts = content.ValueKind == JsonValueKind.Array ? [.. content.EnumerateArray().SelectMany(Part)] : null,
            Result = content.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Object ? content : null,
            Reasoning = reasoning,
            ToolCalls = [.. Items(json, "tool_calls").Select(Call)],
            ToolResponses = [.. Items(json, "tool_responses").Select(item => new ToolResponse(Get(item, "name").ValueKind == JsonValueKind.String ? item.Str("name") : null, item.GetProperty("response")))],
            ToolCallId = Optional(json, "tool_call_id"),
            Name = Optional(json, "name"),
        };
    }

    private static ToolCall Call(JsonElement json)
    {
        JsonElement function = json.GetProperty("function");
        return new ToolCall(function.Str("name"), Get(function, "arguments"), Optional(json, "id"));
    }

    private static IEnumerable<ChatPart> Part(JsonElement json) => json.Str("type") switch
    {
        "text" => [new ChatPart(ChatPartKind.Text, json.Str("text"))],
        "image" or "image_url" => [new ChatPart(ChatPartKind.Image)],
        "audio" or "input_audio" => [new ChatPart(ChatPartKind.Audio)],
        "video" => [new ChatPart(ChatPartKind.Video)],
        _ => [],
    };

    private static string? Optional(JsonElement json, string key) => Get(json, key).ValueKind == JsonValueKind.String ? json.Str(key) : null;

    private static IEnumerable<JsonElement> Items(JsonElement json, string key) =>
        Get(json, key) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    private static JsonElement Get(JsonElement json, string key) => json.TryGetProperty(key, out JsonElement value) ? value : default;
}
