using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace GemmaVk.Telemetry;

/// <summary>A call as attributes of a span.</summary>
internal static class ChatSpan
{
    /// <summary>What is asked for; what was left open has no attribute.</summary>
    public static void Ask(Activity? span, string model, string provider, ChatOptions? asked)
    {
        if (span is not { IsAllDataRequested: true })
        {
            return;
        }

        span.SetTag("gen_ai.operation.name", "chat").SetTag("gen_ai.provider.name", provider).SetTag("gen_ai.request.model", model);
        if (asked is null)
        {
            return;
        }

        span.SetTag("gen_ai.conversation.id", asked.ConversationId)
            .SetTag("gen_ai.request.max_tokens", asked.MaxOutputTokens)
            .SetTag("gen_ai.request.temperature", asked.Temperature)
            .SetTag("gen_ai.request.top_p", asked.TopP)
            .SetTag("gen_ai.request.top_k", asked.TopK)
            .SetTag("gen_ai.request.seed", asked.Seed)
            .SetTag("gen_ai.request.frequency_penalty", asked.FrequencyPenalty)
            .SetTag("gen_ai.request.presence_penalty", asked.PresencePenalty)
            .SetTag("gen_ai.request.stop_sequences", asked.StopSequences is { Count: > 0 } stops ? stops.ToArray() : null)
            .SetTag("gen_ai.output.type", asked.ResponseFormat switch { null => null, ChatResponseFormatJson => "json", _ => "text" });
    }

    /// <summary>What came.</summary>
    public static void Answer(Activity? span, ChatResponseUpdate? last, string? failed)
    {
        if (span is null)
        {
            return;
        }

        if (failed is not null)
        {
            span.SetTag("error.type", failed).SetStatus(ActivityStatusCode.Error, failed);
        }

        if (last is null || !span.IsAllDataRequested)
        {
            return;
        }

        span.SetTag("gen_ai.response.id", last.ResponseId).SetTag("gen_ai.response.model", last.ModelId);
        if (last.FinishReason is { } reason)
        {
            span.SetTag("gen_ai.response.finish_reasons", new[] { reason.Value });
        }

        if (Usage(last) is { } usage)
        {
            span.SetTag("gen_ai.usage.input_tokens", usage.InputTokenCount)
                .SetTag("gen_ai.usage.output_tokens", usage.OutputTokenCount)
                .SetTag("gen_ai.usage.cache_read.input_tokens", usage.CachedInputTokenCount)
                .SetTag("gen_ai.usage.reasoning.output_tokens", usage.ReasoningTokenCount);
        }
    }

    /// <summary>The words of both sides.</summary>
    public static void Content(Activity span, IEnumerable<ChatMessage> messages, List<ChatResponseUpdate> answer) => span
        .SetTag("gen_ai.input.messages", Spelled(messages))
        .SetTag("gen_ai.output.messages", Spelled(answer.ToChatResponse().Messages));

    /// <summary>The usage in an update, or null.</summary>
    public static UsageDetails? Usage(ChatResponseUpdate? update) => update?.Contents.OfType<UsageContent>().FirstOrDefault()?.Details;

    private static string Spelled(IEnumerable<ChatMessage> messages)
    {
        using System.IO.MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes))
        {
            writer.WriteStartArray();
            foreach (ChatMessage message in messages)
            {
                writer.WriteStartObject();
                writer.WriteString("role", message.Role.Value);
                writer.WriteStartArray("parts");
                foreach (AIContent content in message.Contents)
                {
                    Write(writer, content);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, AIContent content)
    {
        writer.WriteStartObject();
        switch (content)
        {
            case TextReasoningContent thought:
                writer.WriteString("type", "reasoning");
                writer.WriteString("content", thought.Text);
                break;
            case TextContent text:
                writer.WriteString("type", "text");
                writer.WriteString("content", text.Text);
                break;
            case FunctionCallContent call:
                writer.WriteString("type", "tool_call");
                writer.WriteString("id", call.CallId);
                writer.WriteString("name", call.Name);
                writer.WritePropertyName("arguments");
                JsonSerializer.Serialize(writer, call.Arguments, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>)));
                break;
            case FunctionResultContent result:
                writer.WriteString("type", "tool_call_response");
                writer.WriteString("id", result.CallId);
                writer.WriteString("response", result.Result as string ?? result.Result?.ToString());
                break;
            default:
                // Pictures and sounds are not words.
                writer.WriteString("type", content.GetType().Name);
                break;
        }

        writer.WriteEndObject();
    }
}
