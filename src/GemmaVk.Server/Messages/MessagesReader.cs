using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Chat;
using GemmaVk.Server.Http;
using GemmaVk.Structured;
using GemmaVk.Text;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Messages;

/// <summary>Reads a request of /v1/messages: content in blocks, calls and their results among them.</summary>
internal static class MessagesReader
{
    // A line that differs in each request would have the whole conversation taken in again.
    private const string BillingLine = "x-anthropic-billing-header:";

    /// <summary>Reads it.</summary>
    /// <param name="context">The request; its header names tools that run elsewhere and are left out.</param>
    /// <param name="body">Its body.</param>
    /// <param name="model">What answers.</param>
    /// <param name="options">Limits.</param>
    /// <param name="counts">Whether it is only to be counted.</param>
    public static Asked Read(HttpContext context, Fields body, ServedModel model, ServerOptions options, bool counts)
    {
        if (body.Text("model") is { } name && !name.StartsWith("claude", StringComparison.Ordinal))
        {
            ChatReader.RequireModel(body, model);
        }

        PartReader parts = new(model, options, asGiven: false, context.RequestAborted);
        Conversation conversation = new(options);
        System(body, conversation, parts);
        IReadOnlyList<JsonElement> messages = body.List("messages") ?? throw ApiException.Field("messages", "messages is missing: expected a list of messages; give it.");
        for (int i = 0; i < messages.Count; i++)
        {
            Message(messages[i], $"messages[{i}]", conversation, parts);
        }

        conversation.End();
        ToolWish tools = Tools(context, body);
        int? most = body.Whole("max_tokens", 1, int.MaxValue);
        AskOptions ask = new()
        {
            Think = body.Object("thinking") is { } thinking && ChatReader.Word(thinking, "type", "disabled", "enabled", "adaptive") != "disabled",
            Tools = tools.Declared,
            MaxTokens = most ?? (counts ? 1 : throw ApiException.Field("max_tokens", "max_tokens is missing: expected the most tokens of the answer; give it.")),
            StopTexts = SamplingReader.Stops(body, "stop_sequences"),
            Draw = SamplingReader.Draw(body),
            Shape = tools.Shape(Format(body)),
        };
        return LogitReader.Over(ChatReader.Written(model, conversation, parts, tools, ask), body, model, tools.Several);
    }

    private static void System(Fields body, Conversation conversation, PartReader parts)
    {
        foreach (MessagePart part in parts.Read(body, "system"))
        {
            if (part.Kind != ChatPartKind.Text || !part.Text.StartsWith(BillingLine, StringComparison.OrdinalIgnoreCase))
            {
                conversation.Say("system", [part], [], null, "system");
            }
        }
    }

    private static void Message(JsonElement item, string path, Conversation conversation, PartReader parts)
    {
        Fields message = item.ValueKind == JsonValueKind.Object ? new Fields(item, path) : throw ApiException.Field(path, $"{path}: expected an object with a role, but {Fields.Shown(item)} came.");
        string role = message.Needed("role");
        if (role is not ("user" or "assistant" or "system"))
        {
            throw ApiException.Field($"{path}.role", $"{path}.role: expected user or assistant, but \"{role}\" came.");
        }

        if (message.Any("content") is not { ValueKind: JsonValueKind.Array } blocks)
        {
            conversation.Say(role, parts.Read(message, "content"), [], null, path);
            return;
        }

        List<ToolCall> calls = [];
        string? thought = null;
        List<JsonElement> said = [];
        foreach ((JsonElement element, int i) in blocks.EnumerateArray().Select((block, i) => (block, i)))
        {
            string at = $"{path}.content[{i}]";
            Fields block = element.ValueKind == JsonValueKind.Object ? new Fields(element, at) : throw ApiException.Field(at, $"{at}: expected an object with a type, but {Fields.Shown(element)} came.");
            switch (block.Needed("type"))
            {
                case "tool_use":
                    calls.Add(new ToolCall(block.Needed("name"), block.Any("input") ?? default, block.Needed("id")));
                    break;
                case "tool_result":
                    Result(block, conversation, parts, at);
                    break;
                case "thinking":
                    thought += block.Text("thinking");
                    break;
                case "redacted_thinking" or "server_tool_use" or "web_search_tool_result" or "web_fetch_tool_result" or "code_execution_tool_result" or "tool_search_tool_result":
                    // Sealed, or of a tool that ran elsewhere: there is nothing in it for this model.
                    break;
                default:
                    said.Add(element);
                    break;
            }
        }

        bool onlyResults = role == "user" && said.Count == 0 && blocks.GetArrayLength() > 0;
        if (!onlyResults)
        {
            conversation.Say(role, Parts(said, path, parts), calls, thought, path);
        }
    }

    private static void Result(Fields block, Conversation conversation, PartReader parts, string path)
    {
        List<MessagePart> came = parts.Read(block, "content");
        if (block.Flag("is_error") == true)
        {
            came.Insert(0, MessagePart.Words("Error: "));
        }

        conversation.Result(block.Text("tool_use_id"), came, path, "tool_use_id");
    }

    private static List<MessagePart> Parts(List<JsonElement> blocks, string path, PartReader parts)
    {
        byte[] list = JsonText.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("content");
            blocks.ForEach(block => block.WriteTo(json));
            json.WriteEndArray();
            json.WriteEndObject();
        }).ToArray();
        using JsonDocument document = JsonBody.Parse(list);
        return parts.Read(new Fields(document.RootElement, path), "content");
    }

    private static ToolWish Tools(HttpContext context, Fields body)
    {
        List<ToolDeclaration> tools = [];
        foreach ((JsonElement item, int i) in (body.List("tools") ?? []).Select((item, i) => (item, i)))
        {
            string path = $"tools[{i}]";
            Fields tool = item.ValueKind == JsonValueKind.Object ? new Fields(item, path) : throw ApiException.Field(path, $"{path}: expected an object, but {Fields.Shown(item)} came.");
            if (tool.Text("type") is { } type && type != "custom")
            {
                string before = context.Response.Headers[FieldTable.Header].ToString();
                context.Response.Headers[FieldTable.Header] = $"{before}{(before.Length > 0 ? ", " : "")}{path}:{type}";
                continue;
            }

            JsonElement schema = tool.Any("input_schema") ?? throw ApiException.Field($"{path}.input_schema", $"{path}.input_schema is missing: expected a JSON Schema; give it.");
            byte[] declared = JsonText.Write(json =>
            {
                json.WriteStartObject();
                json.WriteString("name", tool.Needed("name"));
                json.WriteString("description", tool.Text("description") ?? "");
                json.WritePropertyName("parameters");
                schema.WriteTo(json);
                json.WriteBoolean("strict", tool.Flag("strict") ?? false);
                json.WriteEndObject();
            }).ToArray();
            using JsonDocument document = JsonBody.Parse(declared);
            ToolReader.Add(tools, ToolReader.Declare(document.RootElement, tool, path), tool.Path("name"));
        }

        Fields? choice = body.Object("tool_choice");
        string mode = choice?.Needed("type") ?? "auto";
        ToolUse use = mode switch
        {
            "auto" => ToolUse.Auto,
            "any" or "tool" => ToolUse.Required,
            "none" => ToolUse.None,
            _ => throw ApiException.Field("tool_choice.type", $"tool_choice.type: expected auto, any, tool or none, but \"{mode}\" came."),
        };
        string? only = mode == "tool" ? choice!.Needed("name") : null;
        if ((use == ToolUse.Required && tools.Count == 0) || (only is not null && !tools.Any(tool => tool.Name == only)))
        {
            throw ApiException.Field("tool_choice", $"tool_choice: a call{(only is null ? "" : $" of {only}")} is required, but it is not declared; declare it in tools.");
        }

        return new ToolWish(use == ToolUse.None ? [] : tools, use, only, choice?.Flag("disable_parallel_tool_use") != true);
    }

    private static AnswerShape? Format(Fields body)
    {
        Fields? format = body.Object("output_format") ?? body.Object("output_config")?.Object("format");
        return format is null ? null
            : format.Needed("type") == "json_schema" ? ToolReader.OfNamedSchema(format)
            : throw ApiException.Field(format.Path("type"), $"{format.Path("type")}: expected json_schema.");
    }
}
