using System;
using System.Text.Json;

namespace GemmaVk.Server.Responses;

/// <summary>An item of a response's output.</summary>
/// <param name="kind">message, reasoning, function_call or custom_tool_call.</param>
/// <param name="callId">Of a call the id that its result will name.</param>
/// <param name="tool">What is called.</param>
internal sealed class ResponseItem(string kind, string? callId = null, ResponseTool? tool = null)
{
    /// <summary>message, reasoning, function_call or custom_tool_call.</summary>
    public string Kind => kind;

    /// <summary>What is called, or null.</summary>
    public ResponseTool? Tool => tool;

    /// <summary>Its id.</summary>
    public string Id { get; } = $"{kind switch { "message" => "msg", "reasoning" => "rs", "custom_tool_call" => "ctc", _ => "fc" }}_{Guid.NewGuid():N}";

    /// <summary>Its text or arguments so far.</summary>
    public System.Text.StringBuilder Text { get; } = new();

    /// <summary>The item with a text.</summary>
    public ResponseItem With(string text)
    {
        Text.Append(text);
        return this;
    }

    /// <summary>An empty list.</summary>
    public static void Empty(Utf8JsonWriter json, string name)
    {
        json.WriteStartArray(name);
        json.WriteEndArray();
    }

    /// <summary>Text as a part of a message.</summary>
    public static void WriteText(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "output_text");
        json.WriteString("text", text);
        Empty(json, "annotations");
        Empty(json, "logprobs");
        json.WriteEndObject();
    }

    /// <summary>Writes it.</summary>
    public void Write(Utf8JsonWriter json, string status)
    {
        bool done = status == "completed";
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("type", kind);
        switch (kind)
        {
            case "function_call" or "custom_tool_call":
                json.WriteString("call_id", callId);
                json.WriteString("name", tool!.Name);
                if (tool.Namespace is { } place)
                {
                    json.WriteString("namespace", place);
                }

                json.WriteString(tool.IsCustom ? "input" : "arguments", done ? Text.ToString() : "");
                json.WriteString("status", status);
                break;
            case "reasoning":
                Empty(json, "summary");
                json.WriteStartArray("content");
                if (done)
                {
                    json.WriteStartObject();
                    json.WriteString("type", "reasoning_text");
                    json.WriteString("text", Text.ToString());
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteString("status", status);
                json.WriteString("role", "assistant");
                json.WriteStartArray("content");
                if (done)
                {
                    WriteText(json, Text.ToString());
                }

                json.WriteEndArray();
                break;
        }

        json.WriteEndObject();
    }
}
