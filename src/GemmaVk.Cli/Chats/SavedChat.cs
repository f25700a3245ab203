using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Prompting;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Chats;

/// <summary>A conversation as a file that people read and programs take: OpenAI's "tools" and "messages".</summary>
internal static class SavedChat
{
    /// <summary>Writes it; a file that is there already is left alone.</summary>
    /// <param name="path">A new file.</param>
    /// <param name="system">System text, or null.</param>
    /// <param name="tools">What the model may call.</param>
    /// <param name="turns">What was said.</param>
    /// <exception cref="GemmaVkException">It cannot be written, or is there already.</exception>
    public static void Write(string path, string? system, IReadOnlyList<OfferedTool> tools, IReadOnlyList<ChatTurn> turns)
    {
        try
        {
            using StreamWriter file = new(new FileStream(path, FileMode.CreateNew, FileAccess.Write));
            JsonOutput.Write(file, json => Write(json, system, tools, turns));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GemmaVkException(
                File.Exists(path) ? $"/save {path}: expected a new file, but it is there already; choose another name." : $"/save {path}: it cannot be written: {e.Message}", e);
        }
    }

    private static void Write(Utf8JsonWriter json, string? system, IReadOnlyList<OfferedTool> tools, IReadOnlyList<ChatTurn> turns)
    {
        json.WriteStartObject();
        if (tools.Count > 0)
        {
            json.WriteStartArray("tools");
            foreach (OfferedTool tool in tools)
            {
                tool.Json.WriteTo(json);
            }

            json.WriteEndArray();
        }

        json.WriteStartArray("messages");
        if (system is { Length: > 0 })
        {
            Message(json, "system", system);
        }

        int calls = 0;
        foreach (ChatTurn turn in turns)
        {
            Write(json, turn, ref calls);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <param name="json">Where to.</param>
    /// <param name="turn">What was said.</param>
    /// <param name="calls">Calls so far: each has an identifier of its own in the whole file.</param>
    private static void Write(Utf8JsonWriter json, ChatTurn turn, ref int calls)
    {
        json.WriteStartObject();
        json.WriteString("role", "user");
        json.WriteString("content", turn.Text);
        if (turn.Files.Count > 0)
        {
            json.WriteStartArray("files");
            foreach (string file in turn.Files)
            {
                json.WriteStringValue(file);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        int before = calls;
        foreach (Answer answer in turn.Answers)
        {
            json.WriteStartObject();
            json.WriteString("role", "assistant");
            json.WriteString("content", answer.Text);
            if (answer.Thinking.Length > 0)
            {
                json.WriteString("reasoning", answer.Thinking);
            }

            int first = calls;
            if (answer.ToolCalls.Count > 0)
            {
                json.WriteStartArray("tool_calls");
                foreach (ToolCall call in answer.ToolCalls)
                {
                    json.WriteStartObject();
                    json.WriteString("id", Id(calls++));
                    json.WriteString("type", "function");
                    json.WriteStartObject("function");
                    json.WriteString("name", call.Name);
                    json.WriteString("arguments", call.Arguments.GetRawText());
                    json.WriteEndObject();
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
            for (int i = first; i < Math.Min(calls, before + turn.Results.Count); i++)
            {
                json.WriteStartObject();
                json.WriteString("role", "tool");
                json.WriteString("tool_call_id", Id(i));
                json.WritePropertyName("content");
                turn.Results[i - before].WriteTo(json);
                json.WriteEndObject();
            }
        }
    }

    private static void Message(Utf8JsonWriter json, string role, string content)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteString("content", content);
        json.WriteEndObject();
    }

    private static string Id(int call) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"call_{call}");
}
