using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Sessions;

/// <summary>What a session file holds of a conversation beside its tokens and its cache.</summary>
/// <param name="Messages">System text, questions and answers.</param>
/// <param name="Items">Pictures, sounds and clips by their size: what they showed is in the cache.</param>
/// <param name="Turns">Tokens before each question.</param>
/// <param name="Tools">What the model may call.</param>
/// <param name="Calls">Calls that wait for a result.</param>
/// <param name="Notes">What the caller noted.</param>
internal sealed record SessionRecord(
    IReadOnlyList<ChatMessage> Messages,
    IReadOnlyList<MediaItem> Items,
    IReadOnlyList<int> Turns,
    IReadOnlyList<ToolDeclaration> Tools,
    IReadOnlyList<ToolCall> Calls,
    string Notes)
{
    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="text">JSON.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="length">Tokens of the conversation: the turns lie within.</param>
    /// <exception cref="GemmaVkException">It is something else.</exception>
    public static SessionRecord Read(string text, string path, int length)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            JsonElement root = json.RootElement;
            SessionRecord record = new(
                [.. root.GetProperty("messages").EnumerateArray().Select(Message)],
                [.. root.GetProperty("media").EnumerateArray().Select(Item)],
                [.. root.GetProperty("turns").EnumerateArray().Select(turn => turn.GetInt32())],
                [.. root.GetProperty("tools").EnumerateArray().Select(tool => new ToolDeclaration(tool.Clone()))],
                [.. root.GetProperty("calls").EnumerateArray().Select(call => new ToolCall(Words(call, "name"), call.GetProperty("arguments").Clone()))],
                Words(root, "notes"));
            bool inOrder = record.Turns.Zip(record.Turns.Skip(1)).All(pair => pair.First < pair.Second) && record.Turns.All(turn => turn >= 0 && turn < length);
            return inOrder ? record : throw new FormatException("its turns are not in order");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or TextException or ArgumentException)
        {
            throw new GemmaVkException($"{path}: expected the turns of a conversation, but they cannot be read ({error.Message}); it is a session that another program saved. Start a new conversation.", error);
        }
    }

    /// <summary>As JSON.</summary>
    public string Write()
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            List(json, "messages", Messages, Write);
            List(json, "media", Items, Write);
            List(json, "turns", Turns, (to, turn) => to.WriteNumberValue(turn));
            List(json, "tools", Tools, (to, tool) => tool.Function.WriteTo(to));
            List(json, "calls", Calls, Write);
            json.WriteString("notes", Notes);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static void List<T>(Utf8JsonWriter json, string name, IEnumerable<T> values, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T value in values)
        {
            write(json, value);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ChatMessage message)
    {
        json.WriteStartObject();
        json.WriteString("role", message.Role);
        if (message.Text is { } text)
        {
            json.WriteString("text", text);
        }

        if (message.Parts is { } parts)
        {
            List(json, "parts", parts, (to, part) =>
            {
                to.WriteStartObject();
                to.WriteString("kind", part.Kind.ToString());
                to.WriteString("text", part.Text);
                to.WriteEndObject();
            });
        }

        json.WriteEndObject();
    }

    private static ChatMessage Message(JsonElement json) => new(Words(json, "role"), json.TryGetProperty("text", out JsonElement text) ? text.GetString() : null)
    {
        Parts = json.TryGetProperty("parts", out JsonElement parts) ? [.. parts.EnumerateArray().Select(part => new ChatPart(Kind(part), Words(part, "text")))] : null,
    };

    private static void Write(Utf8JsonWriter json, MediaItem item)
    {
        json.WriteStartObject();
        json.WriteString("kind", item.Kind.ToString());
        json.WriteNumber("tokens", item.SoftTokens);
        if (item.FrameStamps is { } stamps)
        {
            List(json, "stamps", stamps, (to, stamp) => to.WriteStringValue(stamp));
        }

        json.WriteEndObject();
    }

    private static MediaItem Item(JsonElement json) => new(
        Kind(json),
        json.GetProperty("tokens").GetInt32(),
        json.TryGetProperty("stamps", out JsonElement stamps) ? [.. stamps.EnumerateArray().Select(stamp => stamp.GetString() ?? "")] : null);

    private static void Write(Utf8JsonWriter json, ToolCall call)
    {
        json.WriteStartObject();
        json.WriteString("name", call.Name);
        json.WritePropertyName("arguments");
        call.Arguments.WriteTo(json);
        json.WriteEndObject();
    }

    private static ChatPartKind Kind(JsonElement json) =>
        Enum.TryParse(Words(json, "kind"), out ChatPartKind kind) && Enum.IsDefined(kind) ? kind : throw new FormatException("a part is neither text nor picture, sound or clip");

    private static string Words(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw new FormatException($"{name} is no text");
}
