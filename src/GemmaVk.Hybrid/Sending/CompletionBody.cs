using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;

namespace GemmaVk.Hybrid.Sending;

/// <summary>A request of /chat/completions, with every word that it holds gone through what takes out. Thoughts never leave.</summary>
/// <param name="endpoint">Whose model, and how long an answer.</param>
/// <param name="take">Gives a text as it may leave.</param>
internal sealed class CompletionBody(Endpoint endpoint, Func<string, string> take)
{
    private readonly List<(string Role, string Text)> _words = [];

    /// <summary>Its words, by role.</summary>
    public IReadOnlyList<(string Role, string Text)> Words => _words;

    /// <summary>Pictures and sounds in it.</summary>
    public int Media { get; private set; }

    /// <summary>Bytes of these, as they stand in it.</summary>
    public long MediaBytes { get; private set; }

    /// <summary>The most tokens that the answer may have.</summary>
    public int MaxTokens { get; private set; }

    /// <summary>Writes it.</summary>
    /// <exception cref="GemmaVkException">Content that cannot leave.</exception>
    public byte[] Write(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        MaxTokens = Math.Min(options?.MaxOutputTokens ?? endpoint.MaxTokens, endpoint.MaxTokens);
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("model", endpoint.Model);
            json.WriteStartArray("messages");
            if (options?.Instructions is { Length: > 0 } instructions)
            {
                WriteWords(json, "system", instructions);
            }

            foreach (ChatMessage message in messages)
            {
                Write(json, message);
            }

            json.WriteEndArray();
            json.WriteNumber("max_tokens", MaxTokens);
            if (options?.Temperature is { } temperature)
            {
                json.WriteNumber("temperature", temperature);
            }

            if (options?.TopP is { } topP)
            {
                json.WriteNumber("top_p", topP);
            }

            if (options?.StopSequences is { Count: > 0 } stops)
            {
                json.WriteStartArray("stop");
                stops.ToList().ForEach(json.WriteStringValue);
                json.WriteEndArray();
            }

            WriteTools(json, options);
            json.WriteBoolean("stream", true);
            json.WriteStartObject("stream_options");
            json.WriteBoolean("include_usage", true);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private void Write(Utf8JsonWriter json, ChatMessage message)
    {
        FunctionResultContent[] results = [.. message.Contents.OfType<FunctionResultContent>()];
        foreach (FunctionResultContent result in results)
        {
            json.WriteStartObject();
            json.WriteString("role", "tool");
            json.WriteString("tool_call_id", result.CallId);
            json.WriteString("content", Taken("tool", result.Result as string ?? JsonSerializer.Serialize(result.Result, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object)))));
            json.WriteEndObject();
        }

        AIContent[] said = [.. message.Contents.Where(content => content is not (FunctionResultContent or TextReasoningContent or UsageContent or ErrorContent))];
        FunctionCallContent[] calls = [.. said.OfType<FunctionCallContent>()];
        said = [.. said.Except(calls)];
        if (said.Length == 0 && calls.Length == 0)
        {
            return;
        }

        string role = message.Role.Value;
        if (calls.Length == 0 && said.All(content => content is TextContent))
        {
            WriteWords(json, role, string.Concat(said.OfType<TextContent>().Select(text => text.Text)));
            return;
        }

        json.WriteStartObject();
        json.WriteString("role", role);
        if (calls.Length > 0)
        {
            json.WriteString("content", Taken(role, string.Concat(said.OfType<TextContent>().Select(text => text.Text))));
            WriteCalls(json, calls);
        }
        else
        {
            json.WriteStartArray("content");
            foreach (AIContent content in said)
            {
                WritePart(json, role, content);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WriteWords(Utf8JsonWriter json, string role, string text)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteString("content", Taken(role, text));
        json.WriteEndObject();
    }

    private void WritePart(Utf8JsonWriter json, string role, AIContent content)
    {
        json.WriteStartObject();
        switch (content)
        {
            case TextContent text:
                json.WriteString("type", "text");
                json.WriteString("text", Taken(role, text.Text));
                break;
            case DataContent { MediaType: var type } data when type.StartsWith("image/", StringComparison.OrdinalIgnoreCase):
                json.WriteString("type", "image_url");
                json.WriteStartObject("image_url");
                json.WriteString("url", Medium($"data:{type};base64,{Convert.ToBase64String(data.Data.Span)}"));
                json.WriteEndObject();
                break;
            case DataContent { MediaType: "audio/wav" or "audio/x-wav" or "audio/mpeg" or "audio/mp3" } data:
                json.WriteString("type", "input_audio");
                json.WriteStartObject("input_audio");
                json.WriteString("data", Medium(Convert.ToBase64String(data.Data.Span)));
                json.WriteString("format", data.MediaType.EndsWith("wav", StringComparison.Ordinal) ? "wav" : "mp3");
                json.WriteEndObject();
                break;
            default:
                throw new GemmaVkException($"endpoint {endpoint.Name}: expected words, bytes of pictures, or sounds as WAV or MP3, but {(content as DataContent)?.MediaType ?? content.GetType().Name} came; nothing was sent. Let a rule keep it local.");
        }

        json.WriteEndObject();
    }

    private void WriteCalls(Utf8JsonWriter json, FunctionCallContent[] calls)
    {
        json.WriteStartArray("tool_calls");
        foreach (FunctionCallContent call in calls)
        {
            json.WriteStartObject();
            json.WriteString("id", call.CallId);
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", call.Name);
            json.WriteString("arguments", Taken("assistant", JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(), AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>)))));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteTools(Utf8JsonWriter json, ChatOptions? options)
    {
        AIFunctionDeclaration[] tools = [.. options?.Tools?.OfType<AIFunctionDeclaration>() ?? []];
        if (tools.Length == 0 || options!.ToolMode is NoneChatToolMode)
        {
            return;
        }

        json.WriteStartArray("tools");
        foreach (AIFunctionDeclaration tool in tools)
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", tool.Name);
            json.WriteString("description", take(tool.Description));
            json.WritePropertyName("parameters");
            tool.JsonSchema.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private string Taken(string role, string text)
    {
        string taken = take(text);
        _words.Add((role, taken));
        return taken;
    }

    private string Medium(string text)
    {
        Media++;
        MediaBytes += text.Length;
        return text;
    }
}
