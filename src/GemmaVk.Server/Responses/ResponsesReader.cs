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
    private readonly ResponseTools _tools = new();
    private List<MessagePart> _said = [];
    private string? _thought;
    private string? _at;

    private ResponsesReader(ServedModel model, ServerOptions options, CancellationToken cancel)
    {
        _conversation = new Conversation(options);
        _parts = new PartReader(model, options, asGiven: false, cancel);
    }

    /// <summary>Reads it.</summary>
    public static (Asked Asked, ResponseTools Tools) Read(HttpContext context, Fields body, ServedModel model, ServerOptions options)
    {
        ChatReader.RequireModel(body, model);
        ResponsesReader reader = new(model, options, context.RequestAborted);
        if (body.Text("instructions") is { Length: > 0 } instructions)
        {
            reader._conversation.Say("system", [MessagePart.Words(instructions)], [], null, "instructions");
        }

        reader._tools.Take(body.List("tools") ?? [], "tools");
        reader.Input(body);
        ToolWish tools = reader.Tools(context, body);
        AskOptions ask = new()
        {
            Think = body.Object("reasoning")?.Text("effort") is { } effort && effort is not ("none" or "off"),
            Tools = tools.Declared,
            MaxTokens = body.Whole("max_output_tokens", 1, int.MaxValue),
            Draw = SamplingReader.Draw(body),
            Shape = tools.Shape(Format(body)),
        };
        return (LogitReader.Over(ChatReader.Written(model, reader._conversation, reader._parts, tools, ask), body, model, tools.Several), reader._tools);
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
                _calls.Add(new ToolCall(ResponseTools.NameOf(item.Needed("name"), item.Text("namespace")), item.Any("arguments") ?? default, item.Needed("call_id")));
                _at ??= path;
                break;
            case "custom_tool_call":
                _calls.Add(new ToolCall(ResponseTools.NameOf(item.Needed("name"), item.Text("namespace")), ResponseTools.ArgumentsOf(item.Needed("input")), item.Needed("call_id")));
                _at ??= path;
                break;
            case "additional_tools":
                _tools.Take(item.List("tools") ?? [], $"{path}.tools", again: true);
                break;
            case "agent_message":
                // What another agent wrote to this one.
                Flush();
                _conversation.Say("user", _parts.Read(item, "content"), [], null, path);
                break;
            case "compaction" or "compaction_summary" or "web_search_call" or "file_search_call" or "image_generation_call" or "tool_search_call" or "tool_search_output":
                // Of a service that another server has, or sealed by it: there is nothing in it for this model.
                break;
            case "function_call_output" or "custom_tool_call_output":
                Flush();
                _conversation.Result(item.Text("call_id"), _parts.Read(item, "output"), path, "call_id");
                break;
            case var other:
                throw ApiException.Field($"{path}.type", $"{path}.type: expected message, function_call, custom_tool_call, their outputs, reasoning or additional_tools, but \"{other}\" came; take the item out.", "unsupported_item");
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

    private ToolWish Tools(HttpContext context, Fields body)
    {
        if (_tools.Left.Count > 0)
        {
            string before = context.Response.Headers[FieldTable.Header].ToString();
            context.Response.Headers[FieldTable.Header] = string.Join(", ", before.Length > 0 ? [before, .. _tools.Left] : _tools.Left);
        }

        // The same as chat completions have, one level flatter.
        byte[] chat = JsonText.Write(json =>
        {
            json.WriteStartObject();
            _tools.Write(json);
            if (body.Any("tool_choice") is { ValueKind: JsonValueKind.Object } choice && new Fields(choice) is var chosen && chosen.Text("type") is "custom" or "function")
            {
                json.WriteStartObject("tool_choice");
                json.WriteString("type", "function");
                json.WriteString("name", ResponseTools.NameOf(chosen.Needed("name"), chosen.Text("namespace")));
                json.WriteEndObject();
            }
            else if (body.Any("tool_choice") is { } word)
            {
                json.WritePropertyName("tool_choice");
                word.WriteTo(json);
            }

            if (body.Any("parallel_tool_calls") is { } parallel)
            {
                json.WritePropertyName("parallel_tool_calls");
                parallel.WriteTo(json);
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
