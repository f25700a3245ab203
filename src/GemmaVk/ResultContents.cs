using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;

namespace GemmaVk;

/// <summary>
/// The contents in what a tool returned: content, or a list with content in it, as objects or as the JSON that
/// <see cref="AIFunctionFactory"/> makes of a list whose items are of several types.
/// </summary>
internal static class ResultContents
{
    private const int DeepestSearch = 128;

    /// <summary>The contents in order, values between them as text; empty where the result is a value without any.</summary>
    /// <param name="result">What came.</param>
    /// <param name="what">Named in messages.</param>
    /// <exception cref="GemmaVkException">A list fails while it is read, or content in JSON is none.</exception>
    public static IReadOnlyList<AIContent> Of(object result, string what)
    {
        try
        {
            object?[] items = result switch
            {
                AIContent one => [one],
                JsonElement { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item => (object?)item)],
                JsonElement element => [element],
                object?[] many => many,
                _ => [],
            };
            items = [.. items.Select(item => item is JsonElement element && IsBytes(element) ? Content(element) : item)];
            return !items.Any(item => item is AIContent) ? [] : [.. items.OfType<object>().Select(item => item switch
            {
                AIContent content => content,
                string words => new TextContent(words),
                JsonElement { ValueKind: JsonValueKind.String } words => new TextContent(words.GetString()),
                JsonElement typed when TypeOf(typed) is "text" or "uri" or "error" => Content(typed),
                _ => new TextContent(Conversation.ToJson(item, what).GetRawText()),
            })];
        }
        catch (Exception error) when (error is JsonException or ArgumentException or NotSupportedException or InvalidOperationException or FormatException)
        {
            throw new GemmaVkException($"{what}: expected a value, content or a list of them, but reading it failed: {error.GetBaseException().Message}; give plain values, or text.", error);
        }
    }

    /// <summary>A sequence as a list: it may be one that can be read only once.</summary>
    /// <exception cref="GemmaVkException">It fails while it is read.</exception>
    public static object? Once(object? result, string what)
    {
        try
        {
            return result is IEnumerable<object?> many ? many.ToArray() : result;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new GemmaVkException($"{what}: expected a list, but reading it failed: {error.Message}; give a list that is complete.", error);
        }
    }

    /// <summary>Whether content with bytes stands anywhere in a value: as JSON it would be letters to the model.</summary>
    public static bool HoldsBytes(JsonElement value, int depth = 0) => depth < DeepestSearch && value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().Any(item => HoldsBytes(item, depth + 1)),
        JsonValueKind.Object => IsBytes(value) || value.EnumerateObject().Any(property => HoldsBytes(property.Value, depth + 1)),
        _ => false,
    };

    private static AIContent Content(JsonElement element) =>
        element.Deserialize(AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent))) as AIContent ?? throw new JsonException("it is null");

    private static bool IsBytes(JsonElement value) =>
        TypeOf(value) == "data" && value.TryGetProperty("uri", out JsonElement uri) && uri.ValueKind == JsonValueKind.String && uri.GetString()!.StartsWith("data:", StringComparison.Ordinal);

    private static string? TypeOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$type", out JsonElement type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;
}
