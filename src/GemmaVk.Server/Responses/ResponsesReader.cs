using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Chat;
using GemmaVk.Server.Http;
using GemmaVk.Structured;
using GemmaVk.Text;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Responses;

/// <summary>Reads a request of /v1/responses. Items of the assistant in a row (thought, words, calls) are one message of it.</summary>
internal sealed class ResponsesReader
{
    private readonly Conversation _conversation;
    private readonly PartReader _parts;
    private readonly List<ToolCall> _calls = [];
    private List<MessagePart> _said = [];
    private string? _thought;
    private string? _at;

    private ResponsesReader(ServedModel model, ServerOptions options, CancellationToken cancel)
    {
        _conversation = new Conversation(options);
        _parts = new PartReader(model, options, asGiven: false, cancel);
    }

    /// <summary>Reads it.</summary>
    public static Asked Read(HttpContext context, Fields body, ServedModel model, ServerOptions options)
    {
        ChatReader.RequireModel(body, model);
        ResponsesReader reader = new(model, options, context.RequestAborted);
        if (body.Text("instructions") is { Length: > 0 } instructions)
        {
            reader._conversation.Say("system", [MessagePart.Words(instructions)], [], null, "instructions");
        }

        reader.Input(body);
        ToolWish tools = Tools(context, body);
        AskOptions ask = new()
        {
            Think = body.Object("reasoning")?.Text("effort") is { } effort && effort is not ("none" or "off"),
            Tools = tools.Declared,
            MaxTokens = body.Whole("max_output_tokens", 1, int.MaxValue),
            Draw = SamplingReader.Draw(body),
            Shape = tools.Shape(Format(body)),
        };
        return LogitReader.Over(ChatReader.Written(model, reader._conversation, reader._parts, tools, ask), body, model, tools.Several);
    }

    private void Input(Fields body)
    {
        if (body.Any("input") is { ValueKind: JsonValueKind.String })
        {
            _conversation.Say("user", [MessagePart.Words(body.Text("input")!)], [], null, "input");
        }
        else
        {
            IReadOnlyList<JsonElement> items = body.List("input") ?? throw ApiException.Field("input", "input is missing: expected a text or a list of items; give it.");
            for (int i = 0; i < items.Count; i++)
            {
                string path = $"input[{i}]";
                Item(items[i].ValueKind == JsonValueKind.Object ? new Fields(items[i], path) : throw ApiException.Field(path, $"{path}: expected an object, but {Fields.Shown(items[i])} came."), path);
            }
        }

        Flush();
        _conversation.End();
    }

    private void Item(Fields item, string path)
    {
        switch (item.Text("type") ?? "message")
        {
            case "message":
                string role = item.Needed("role");
                if (role == "assistant")
                {
                    if (_said.Count > 0)
                    {
                        Flush();
                    }

                    _said = _parts.Read(item, "content");
                    _at ??= path;
                    return;
                }

                Flush();
                _conversation.Say(
                    role is "system" or "developer" or "user" ? role : throw ApiException.Field($"{path}.role", $"{path}.role: expected system, developer, user or assistant, but \"{role}\" came."),
                    _parts.Read(item, "content"), [], null, path);
                break;
            case "reasoning":
                if (_said.Count > 0 || _calls.Count > 0)
                {
                    Flush();
                }

                _thought = string.Concat((item.List("content") ?? []).Concat(item.List("summary") ?? []).Select(part => new Fields(part, path).Text("text")));
                _at ??= path;
                break;
            case "function_call":
                _calls.Add(new ToolCall(item.Needed("name"), item.Any("arguments") ?? default, item.Needed("call_id")));
                _at ??= path;
                break;
            case "function_call_output":
                Flush();
                _conversation.Result(item.Text("call_id"), _parts.Read(item, "output"), path, "call_id");
                break;
            case var other:
                throw ApiException.Field($"{path}.type", $"{path}.type: expected message, function_call, function_call_output or reasoning, but \"{other}\" came; take the item out.", "unsupported_item");
        }
    }

    private void Flush()
    {
        if (_said.Count > 0 || _calls.Count > 0)
        {
            _conversation.Say("assistant", _said, [.. _calls], _thought, _at!);
        }

        (_said, _thought, _at) = ([], null, null);
        _calls.Clear();
    }

    private static ToolWish Tools(HttpContext context, Fields body)
    {
        List<JsonElement> functions = [];
        List<string> left = [];
        foreach ((JsonElement item, int i) in (body.List("tools") ?? []).Select((item, i) => (item, i)))
        {
            string path = $"tools[{i}]";
            Fields tool = item.ValueKind == JsonValueKind.Object ? new Fields(item, path) : throw ApiException.Field(path, $"{path}: expected an object, but {Fields.Shown(item)} came.");
            if (tool.Needed("type") == "function")
            {
                functions.Add(item);
            }
            else
            {
                left.Add($"{path}:{tool.Text("type")}");
            }
        }

        if (left.Count > 0)
        {
            string before = context.Response.Headers[FieldTable.Header].ToString();
            context.Response.Headers[FieldTable.Header] = string.Join(", ", before.Length > 0 ? [before, .. left] : left);
        }

        // The same as chat completions have, one level flatter.
        byte[] chat = JsonText.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("tools");
            foreach (JsonElement function in functions)
            {
                json.WriteStartObject();
                json.WriteString("type", "function");
                json.WritePropertyName("function");
                function.WriteTo(json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            foreach (string name in (string[])["tool_choice", "parallel_tool_calls"])
            {
                if (body.Any(name) is { } value)
                {
                    json.WritePropertyName(name);
                    value.WriteTo(json);
                }
            }

            json.WriteEndObject();
        }).ToArray();
        using JsonDocument document = JsonBody.Parse(chat);
        return ToolReader.Read(new Fields(document.RootElement));
    }

    private static AnswerShape? Format(Fields body) => body.Object("text")?.Object("format") is not { } format ? null : format.Needed("type") switch
    {
        "text" => null,
        "json_object" => AnswerShape.JsonObject(),
        "json_schema" => ToolReader.OfNamedSchema(format),
        var other => throw ApiException.Field("text.format.type", $"text.format.type: expected text, json_object or json_schema, but \"{other}\" came."),
    };
}
