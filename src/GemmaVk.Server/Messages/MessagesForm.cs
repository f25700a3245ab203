using System;
using System.Collections.Generic;
using System.Text.Json;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;

namespace GemmaVk.Server.Messages;

/// <summary>
/// Writes answers as Anthropic's API does: blocks of thinking, text and tool_use, each begun, added to and ended by events of its own.
/// Source: the events that Anthropic's published client libraries read.
/// </summary>
/// <param name="model">What answers.</param>
/// <param name="asked">What was asked.</param>
/// <param name="name">What the request called the model.</param>
internal sealed class MessagesForm(ServedModel model, Asked asked, string? name) : AnswerForm
{
    private readonly string _id = $"msg_{Guid.NewGuid():N}";
    private string? _open;
    private int _block = -1;

    /// <inheritdoc/>
    public override bool EndsWithMark => false;

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> Begin(IReadOnlyList<Choice> choices) =>
    [
        Event("message_start", json =>
        {
            json.WriteStartObject("message");
            Head(json);
            json.WriteStartArray("content");
            json.WriteEndArray();
            json.WriteNull("stop_reason");
            json.WriteNull("stop_sequence");
            Usage(json, asked.Rows.Length, 0, 1);
            json.WriteEndObject();
        }),
    ];

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> More(Choice choice, Shown shown)
    {
        if (shown.Call is { } call)
        {
            foreach (StreamEvent each in Close())
            {
                yield return each;
            }

            yield return Start("tool_use", json =>
            {
                json.WriteString("id", $"toolu_{call.Id[5..]}");
                json.WriteString("name", call.Name);
                json.WriteStartObject("input");
                json.WriteEndObject();
            });
            yield return Delta("input_json_delta", "partial_json", call.Arguments);
            foreach (StreamEvent each in Close())
            {
                yield return each;
            }
        }
        else if (shown.Thinking.Length > 0 || shown.Content.Length > 0)
        {
            (string kind, string field, string text) = shown.Thinking.Length > 0 ? ("thinking", "thinking", shown.Thinking) : ("text", "text", shown.Content);
            if (_open != kind)
            {
                foreach (StreamEvent each in Close())
                {
                    yield return each;
                }

                yield return Start(kind, json =>
                {
                    json.WriteString(field, "");
                    if (kind == "thinking")
                    {
                        json.WriteString("signature", "");
                    }
                });
            }

            yield return Delta($"{kind}_delta", field, text);
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> End(Choice choice, Spent spent, bool last)
    {
        foreach (StreamEvent each in Close())
        {
            yield return each;
        }

        yield return Event("message_delta", json =>
        {
            json.WriteStartObject("delta");
            WriteStop(json, choice);
            json.WriteEndObject();
            Usage(json, spent.PromptTokens, spent.CachedTokens, spent.AnswerTokens);
            spent.WriteTimings(json, model);
        });
        yield return Event("message_stop", _ => { });
    }

    /// <inheritdoc/>
    public override StreamEvent Error(ApiException error) => new(ErrorBody.ForMessages(error), "error");

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Whole(IReadOnlyList<Choice> choices, Spent spent) => JsonText.Write(json =>
    {
        Choice choice = choices[0];
        json.WriteStartObject();
        Head(json);
        json.WriteStartArray("content");
        if (choice.Thinking.Length > 0)
        {
            Block(json, "thinking", () =>
            {
                json.WriteString("thinking", choice.Thinking);
                json.WriteString("signature", "");
            });
        }

        if (choice.Content.Length > 0)
        {
            Block(json, "text", () => json.WriteString("text", choice.Content));
        }

        foreach ((string id, Text.ToolCall call) in choice.Calls)
        {
            Block(json, "tool_use", () =>
            {
                json.WriteString("id", $"toolu_{id[5..]}");
                json.WriteString("name", call.Name);
                json.WritePropertyName("input");
                json.WriteRawValue(JsonText.Compact(call.Arguments));
            });
        }

        json.WriteEndArray();
        WriteStop(json, choice);
        Usage(json, spent.PromptTokens, spent.CachedTokens, spent.AnswerTokens);
        spent.WriteTimings(json, model);
        json.WriteEndObject();
    });

    private static void Block(Utf8JsonWriter json, string type, Action write)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        write();
        json.WriteEndObject();
    }

    private void WriteStop(Utf8JsonWriter json, Choice choice)
    {
        // A stop text ends an answer whose last token ends nothing.
        bool byText = asked.Options.StopTexts.Count > 0 && choice.Answer is { Stop: StopReason.Stop, Ids: [.., var last] } && !model.Engine.StopIds.Contains(last);
        json.WriteString("stop_reason", choice.Finish switch
        {
            "tool_calls" => "tool_use",
            "length" => "max_tokens",
            _ => byText ? "stop_sequence" : "end_turn",
        });
        json.WriteString("stop_sequence", byText && asked.Options.StopTexts.Count == 1 ? asked.Options.StopTexts[0] : null);
    }

    private IEnumerable<StreamEvent> Close()
    {
        if (_open is null)
        {
            return [];
        }

        _open = null;
        return [Event("content_block_stop", json => json.WriteNumber("index", _block))];
    }

    private StreamEvent Start(string kind, Action<Utf8JsonWriter> write)
    {
        _open = kind;
        _block++;
        return Event("content_block_start", json =>
        {
            json.WriteNumber("index", _block);
            json.WriteStartObject("content_block");
            json.WriteString("type", kind);
            write(json);
            json.WriteEndObject();
        });
    }

    private StreamEvent Delta(string kind, string field, string text) => Event("content_block_delta", json =>
    {
        json.WriteNumber("index", _block);
        json.WriteStartObject("delta");
        json.WriteString("type", kind);
        json.WriteString(field, text);
        json.WriteEndObject();
    });

    private static StreamEvent Event(string type, Action<Utf8JsonWriter> write) => new(
        JsonText.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            write(json);
            json.WriteEndObject();
        }),
        type);

    private void Head(Utf8JsonWriter json)
    {
        json.WriteString("id", _id);
        json.WriteString("type", "message");
        json.WriteString("role", "assistant");
        json.WriteString("model", name ?? model.Name);
    }

    private static void Usage(Utf8JsonWriter json, int prompt, int cached, int answer)
    {
        json.WriteStartObject("usage");
        // Anthropic counts what was in a cache apart.
        json.WriteNumber("input_tokens", prompt - cached);
        json.WriteNumber("cache_creation_input_tokens", 0);
        json.WriteNumber("cache_read_input_tokens", cached);
        json.WriteNumber("output_tokens", answer);
        json.WriteEndObject();
    }
}
