using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
using GemmaVk.Text;

namespace GemmaVk.Server.Responses;

/// <summary>
/// Writes answers as items: a reasoning, a message, calls. In a stream each is added, filled and done by events that count from 0.
/// Source: the events of OpenAI's published client libraries.
/// </summary>
/// <param name="model">What answers.</param>
/// <param name="asked">What was asked.</param>
/// <param name="tools">What its tools are called.</param>
internal sealed class ResponsesForm(ServedModel model, Asked asked, ResponseTools tools) : AnswerForm
{
    private readonly string _id = $"resp_{Guid.NewGuid():N}";
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    private readonly List<ResponseItem> _done = [];
    private ResponseItem? _open;
    private int _sequence;

    /// <inheritdoc/>
    public override bool EndsWithMark => false;

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> Begin(IReadOnlyList<Choice> choices) =>
    [
        Event("response.created", json => Response(json, "in_progress", null)),
        Event("response.in_progress", json => Response(json, "in_progress", null)),
    ];

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> More(Choice choice, Shown shown)
    {
        ResponseTool? tool = shown.Call is { Whole: { } whole } ? tools.Of(whole.Name) : null;
        string kind = tool is not null ? tool.IsCustom ? "custom_tool_call" : "function_call" : shown.Thinking.Length > 0 ? "reasoning" : "message";
        if (shown.Call is null && shown.Thinking.Length + shown.Content.Length == 0)
        {
            return [];
        }

        List<StreamEvent> events = [];
        if (_open?.Kind != kind || shown.Call is not null)
        {
            events.AddRange(Close());
            events.AddRange(Open(new ResponseItem(kind, shown.Call?.Id, tool)));
        }

        ResponseItem item = _open!;
        string added = shown.Call is { } call ? tool!.IsCustom ? ResponseTools.InputOf(call.Whole!) : call.Arguments : shown.Thinking + shown.Content;
        item.Text.Append(added);
        events.Add(Event(
            kind switch
            {
                "function_call" => "response.function_call_arguments.delta",
                "custom_tool_call" => "response.custom_tool_call_input.delta",
                "reasoning" => "response.reasoning_text.delta",
                _ => "response.output_text.delta",
            },
            json =>
            {
                At(json, item);
                json.WriteString("delta", added);
                if (kind == "message")
                {
                    ResponseItem.Empty(json, "logprobs");
                }
            }));
        if (shown.Call is not null)
        {
            events.AddRange(Close());
        }

        return events;
    }

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> End(Choice choice, Spent spent, bool last)
    {
        List<StreamEvent> events = [.. Close()];
        string status = choice.Finish == "length" ? "incomplete" : "completed";
        events.Add(Event($"response.{status}", json => Response(json, status, spent)));
        return events;
    }

    /// <inheritdoc/>
    public override StreamEvent Error(ApiException error) => Event("error", json =>
    {
        json.WriteString("code", error.Code ?? error.Type);
        json.WriteString("message", error.Message);
        json.WriteString("param", error.Param);
    });

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Whole(IReadOnlyList<Choice> choices, Spent spent)
    {
        Choice choice = choices[0];
        if (choice.Thinking.Length > 0)
        {
            _done.Add(new ResponseItem("reasoning").With(choice.Thinking));
        }

        if (choice.Content.Length > 0 || choice.Calls.Count == 0)
        {
            _done.Add(new ResponseItem("message").With(choice.Content));
        }

        _done.AddRange(choice.Calls.Select(call => (call.Id, call.Call, Tool: tools.Of(call.Call.Name))).Select(call => call.Tool.IsCustom
            ? new ResponseItem("custom_tool_call", call.Id, call.Tool).With(ResponseTools.InputOf(call.Call))
            : new ResponseItem("function_call", call.Id, call.Tool).With(JsonText.Compact(call.Call.Arguments))));
        return JsonText.Write(json => ResponseObject(json, choice.Finish == "length" ? "incomplete" : "completed", spent));
    }

    private IEnumerable<StreamEvent> Open(ResponseItem item)
    {
        _open = item;
        yield return Event("response.output_item.added", json =>
        {
            json.WriteNumber("output_index", _done.Count);
            json.WritePropertyName("item");
            item.Write(json, "in_progress");
        });
        if (item.Kind == "message")
        {
            yield return Event("response.content_part.added", json =>
            {
                At(json, item);
                json.WritePropertyName("part");
                ResponseItem.WriteText(json, "");
            });
        }
    }

    private IEnumerable<StreamEvent> Close()
    {
        if (_open is not { } item)
        {
            yield break;
        }

        string text = item.Text.ToString();
        yield return Event(
            item.Kind switch
            {
                "function_call" => "response.function_call_arguments.done",
                "custom_tool_call" => "response.custom_tool_call_input.done",
                "reasoning" => "response.reasoning_text.done",
                _ => "response.output_text.done",
            },
            json =>
            {
                At(json, item);
                if (item.Tool is { IsCustom: false } called)
                {
                    json.WriteString("name", called.Name);
                }

                json.WriteString(item.Kind switch { "function_call" => "arguments", "custom_tool_call" => "input", _ => "text" }, text);
                if (item.Kind == "message")
                {
                    ResponseItem.Empty(json, "logprobs");
                }
            });
        if (item.Kind == "message")
        {
            yield return Event("response.content_part.done", json =>
            {
                At(json, item);
                json.WritePropertyName("part");
                ResponseItem.WriteText(json, text);
            });
        }

        yield return Event("response.output_item.done", json =>
        {
            json.WriteNumber("output_index", _done.Count);
            json.WritePropertyName("item");
            item.Write(json, "completed");
        });
        _done.Add(item);
        _open = null;
    }

    private void At(Utf8JsonWriter json, ResponseItem item)
    {
        json.WriteString("item_id", item.Id);
        json.WriteNumber("output_index", _done.Count);
        if (item.Tool is null)
        {
            json.WriteNumber("content_index", 0);
        }
    }

    private StreamEvent Event(string type, Action<Utf8JsonWriter> write) => new(
        JsonText.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteNumber("sequence_number", _sequence++);
            write(json);
            json.WriteEndObject();
        }),
        type);

    private void Response(Utf8JsonWriter json, string status, Spent? spent)
    {
        json.WritePropertyName("response");
        ResponseObject(json, status, spent);
    }

    private void ResponseObject(Utf8JsonWriter json, string status, Spent? spent)
    {
        json.WriteStartObject();
        json.WriteString("id", _id);
        json.WriteString("object", "response");
        json.WriteNumber("created_at", _created);
        json.WriteString("status", status);
        json.WriteNull("error");
        if (status == "incomplete")
        {
            json.WriteStartObject("incomplete_details");
            json.WriteString("reason", "max_output_tokens");
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("incomplete_details");
        }

        json.WriteNull("instructions");
        json.WriteNull("metadata");
        json.WriteString("model", model.Name);
        json.WriteStartArray("output");
        _done.ForEach(item => item.Write(json, "completed"));
        json.WriteEndArray();
        json.WriteBoolean("parallel_tool_calls", true);
        json.WriteNull("previous_response_id");
        json.WriteBoolean("store", false);
        json.WriteNull("temperature");
        json.WriteString("tool_choice", "auto");
        ResponseItem.Empty(json, "tools");
        json.WriteNull("top_p");
        if (asked.Options.MaxTokens is { } most)
        {
            json.WriteNumber("max_output_tokens", most);
        }

        if (spent is not null)
        {
            json.WriteStartObject("usage");
            json.WriteNumber("input_tokens", spent.PromptTokens);
            json.WriteStartObject("input_tokens_details");
            json.WriteNumber("cached_tokens", spent.CachedTokens);
            json.WriteEndObject();
            json.WriteNumber("output_tokens", spent.AnswerTokens);
            json.WriteStartObject("output_tokens_details");
            json.WriteNumber("reasoning_tokens", spent.ThinkingTokens);
            json.WriteEndObject();
            json.WriteNumber("total_tokens", spent.PromptTokens + spent.AnswerTokens);
            json.WriteEndObject();
            spent.WriteTimings(json, model);
        }
        else
        {
            json.WriteNull("usage");
        }

        json.WriteEndObject();
    }
}
