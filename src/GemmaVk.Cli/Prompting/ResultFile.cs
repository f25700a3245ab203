using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Prompting;

/// <summary>
/// A file of calls and what came of them: the lines that an answer printed, each with a "result"; or OpenAI's messages, a role "assistant"
/// with "tool_calls" and a role "tool" for each.
/// </summary>
internal static class ResultFile
{
    private const string Expected = "{\"name\": ..., \"arguments\": {...}, \"result\": ...}";

    /// <summary>Reads it.</summary>
    /// <param name="flag">Named in messages.</param>
    /// <param name="path">The file.</param>
    /// <param name="tools">What could be called.</param>
    /// <exception cref="GemmaVkException">It is no JSON, not of results, or has a call of something else.</exception>
    public static IReadOnlyList<ToolExchange> Read(string flag, string path, IReadOnlyList<OfferedTool> tools)
    {
        IReadOnlyList<JsonElement> values = JsonValues.Read(flag, path, "messages");
        GemmaVkException Wrong(string what) => new($"{flag} {path}: expected {Expected} for each call, but {what}; add what is missing.");
        List<ToolExchange> exchanges = values.All(value => Property(value, "role").ValueKind == JsonValueKind.String)
            ? OfMessages(values, Wrong)
            : [.. values.Select((value, i) => new ToolExchange(
                Call(value, Property(value, "arguments"), null) ?? throw Wrong($"item {i + 1} has no name"),
                Property(value, "result") is { ValueKind: not JsonValueKind.Undefined } result ? result : throw Wrong($"item {i + 1} has no result")))];
        if (exchanges.Count == 0)
        {
            throw Wrong("there is no call");
        }

        return exchanges.Find(each => !tools.Any(tool => tool.Declaration.Name == each.Call.Name)) is { } unknown
            ? throw new GemmaVkException($"{flag} {path}: expected calls of the tools in --tools, but {unknown.Call.Name} is none of them; give the same --tools as before.")
            : exchanges;
    }

    private static List<ToolExchange> OfMessages(IReadOnlyList<JsonElement> messages, Func<string, GemmaVkException> wrong)
    {
        List<ToolExchange> exchanges = [];
        JsonElement[] results = [.. messages.Where(message => Text(message, "role") == "tool")];
        foreach (JsonElement call in messages.Select(message => Property(message, "tool_calls")).Where(calls => calls.ValueKind == JsonValueKind.Array).SelectMany(calls => calls.EnumerateArray()))
        {
            JsonElement function = Property(call, "function");
            string id = Text(call, "id") ?? throw wrong("a call of \"tool_calls\" has no id");
            JsonElement result = results.FirstOrDefault(each => Text(each, "tool_call_id") == id);
            exchanges.Add(new ToolExchange(
                Call(function, Property(function, "arguments"), id) ?? throw wrong($"the call {id} has no function with a name"),
                Property(result, "content") is { ValueKind: not JsonValueKind.Undefined } content ? content : throw wrong($"no message of role tool has the result of {id}")));
        }

        return exchanges;
    }

    private static ToolCall? Call(JsonElement owner, JsonElement arguments, string? id) => Text(owner, "name") is { Length: > 0 } name ? new ToolCall(name, arguments, id) : null;

    private static string? Text(JsonElement owner, string name) => Property(owner, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement Property(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out JsonElement value) ? value : default;
}
