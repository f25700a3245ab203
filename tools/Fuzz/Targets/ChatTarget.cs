using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Text;

namespace GemmaVk.Fuzz.Targets;

/// <summary>Conversations with tools, as JSON in the form of tests/golden/chat, written as prompts.</summary>
internal sealed class ChatTarget : Target
{
    private const int Deepest = 2000;

    public override string Name => "chat";

    public override string Reads => "conversations and tools, for the chat template";

    public override IMutation Structure { get; } = new JsonMutation();

    public override IEnumerable<byte[]> Seeds()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Fuzz.Seeds.Named("tests", "golden", "chat", "prompts.json")));
        return
        [
            .. golden.RootElement.GetProperty("cases").EnumerateArray()
                .Select(each => Fuzz.Seeds.Text($"{{\"messages\":{each.GetProperty("messages").GetRawText()},\"tools\":{each.GetProperty("tools").GetRawText()},\"enable_thinking\":{each.GetProperty("enable_thinking").GetRawText()}}}"))
                .Where(each => each.Length < 6000),
        ];
    }

    public override long MostAllocated(int length) => (4L << 20) + (2048L * length);

    public override bool Parse(byte[] input)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(input, new JsonDocumentOptions { MaxDepth = Deepest });
        }
        catch (JsonException)
        {
            return false;
        }

        using (document)
        {
            JsonElement root = document.RootElement;
            if (Get(root, "messages").ValueKind != JsonValueKind.Array)
            {
                return false;
            }

            List<ToolDeclaration> tools = [.. Items(root, "tools").Select(tool => new ToolDeclaration(tool))];
            ChatMessage[] messages = [.. Items(root, "messages").Where(message => message.ValueKind == JsonValueKind.Object).Select(Message)];
            ChatTemplate.Render(messages, tools, new ChatOptions { EnableThinking = Get(root, "enable_thinking").ValueKind == JsonValueKind.True });
            return true;
        }
    }

    public override Target Another() => new ChatTarget();

    private static ChatMessage Message(JsonElement json)
    {
        JsonElement content = Get(json, "content");
        return new ChatMessage(Word(json, "role") ?? "user", Word(content))
        {
            Parts = content.ValueKind == JsonValueKind.Array ? [.. content.EnumerateArray().Select(Part)] : null,
            Result = content.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Object ? content : null,
            Reasoning = Word(json, "reasoning") ?? Word(json, "reasoning_content"),
            ToolCalls = [.. Items(json, "tool_calls").Select(call => new ToolCall(Word(Get(call, "function"), "name") ?? "f", Get(Get(call, "function"), "arguments"), Word(call, "id")))],
            ToolResponses = [.. Items(json, "tool_responses").Select(item => new ToolResponse(Word(item, "name"), Get(item, "response")))],
            ToolCallId = Word(json, "tool_call_id"),
            Name = Word(json, "name"),
        };
    }

    private static ChatPart Part(JsonElement json) => Word(json, "type") switch
    {
        "image" or "image_url" => new ChatPart(ChatPartKind.Image),
        "audio" or "input_audio" => new ChatPart(ChatPartKind.Audio),
        "video" => new ChatPart(ChatPartKind.Video),
        _ => new ChatPart(ChatPartKind.Text, Word(json, "text") ?? ""),
    };

    private static string? Word(JsonElement json, string key) => Word(Get(json, key));

    // A string that is no text, such as half a surrogate, is not this template's to judge.
    private static string? Word(JsonElement json)
    {
        try
        {
            return json.ValueKind == JsonValueKind.String ? json.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<JsonElement> Items(JsonElement json, string key) => Get(json, key) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    // Looking for a key reads the others, and one with half a surrogate cannot be read.
    private static JsonElement Get(JsonElement json, string key)
    {
        try
        {
            return json.ValueKind == JsonValueKind.Object && json.TryGetProperty(key, out JsonElement value) ? value : default;
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }
}
