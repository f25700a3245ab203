using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Listings;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Chats;

/// <summary>What a chat notes in a session file beside the conversation itself: its settings, and the turns as /save shows them.</summary>
/// <param name="Think">Whether the model thinks first.</param>
/// <param name="Seed">Key of the draws.</param>
/// <param name="Turns">What was said; of pictures, sounds and clips the names.</param>
internal sealed record TalkRecord(bool Think, ulong Seed, IReadOnlyList<ChatTurn> Turns)
{
    /// <summary>Reads what <see cref="Write"/> wrote; a session that something else saved has no turns to show.</summary>
    /// <exception cref="GemmaVkException">The notes are of a chat, and cannot be read.</exception>
    public static TalkRecord Read(string notes, string path)
    {
        if (notes.Length == 0)
        {
            return new TalkRecord(false, 0, []);
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(notes);
            JsonElement root = json.RootElement;
            return new TalkRecord(root.GetProperty("think").GetBoolean(), root.GetProperty("seed").GetUInt64(), [.. root.GetProperty("turns").EnumerateArray().Select(Turn)]);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new GemmaVkException($"{path}: expected the turns of a chat, but they cannot be read ({Complaint.Of(error).TrimEnd('.')}); it was saved by another program or version. Start a new conversation.", error);
        }
    }

    /// <summary>As JSON.</summary>
    public string Write() => JsonOutput.Line(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("think", Think);
        json.WriteNumber("seed", Seed);
        json.WriteStartArray("turns");
        foreach (ChatTurn turn in Turns)
        {
            json.WriteStartObject();
            json.WriteString("text", turn.Text);
            json.WriteStartArray("files");
            foreach (string file in turn.Files)
            {
                json.WriteStringValue(file);
            }

            json.WriteEndArray();
            json.WriteStartArray("answers");
            turn.Answers.ForEach(answer => Write(json, answer));
            json.WriteEndArray();
            json.WriteStartArray("results");
            turn.Results.ForEach(result => result.WriteTo(json));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, Answer answer)
    {
        json.WriteStartObject();
        json.WriteString("text", answer.Text);
        json.WriteString("thinking", answer.Thinking);
        json.WriteStartArray("calls");
        foreach (ToolCall call in answer.ToolCalls)
        {
            json.WriteStartObject();
            json.WriteString("name", call.Name);
            json.WritePropertyName("arguments");
            call.Arguments.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static ChatTurn Turn(JsonElement json)
    {
        ChatTurn turn = new(Words(json, "text"), []) { Files = [.. json.GetProperty("files").EnumerateArray().Select(file => file.GetString() ?? "")] };
        turn.Answers.AddRange(json.GetProperty("answers").EnumerateArray().Select(answer => new Answer(
            Words(answer, "text"),
            Words(answer, "thinking"),
            [.. answer.GetProperty("calls").EnumerateArray().Select(call => new ToolCall(Words(call, "name"), call.GetProperty("arguments").Clone()))],
            [],
            StopReason.Stop,
            new GenerationStats(0, default, 0, default, 0, 0))));
        turn.Results.AddRange(json.GetProperty("results").EnumerateArray().Select(result => result.Clone()));
        return turn;
    }

    private static string Words(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw new FormatException($"{name} is no text");
}
