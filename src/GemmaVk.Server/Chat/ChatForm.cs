using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;

namespace GemmaVk.Server.Chat;

/// <summary>
/// Writes answers of /v1/chat/completions in the one form that every known client reads: the role in the first delta only, thoughts as reasoning_content,
/// each call whole in one delta, finish_reason on every chunk, nothing null but what clients look for.
/// </summary>
/// <param name="model">What answers.</param>
/// <param name="call">What was asked.</param>
internal sealed class ChatForm(ServedModel model, ChatCall call) : AnswerForm
{
    private readonly string _id = $"chatcmpl-{Guid.NewGuid():N}";
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> Begin(IReadOnlyList<Choice> choices) => choices.Select(choice => Chunk(choice.Index, null, [], json =>
    {
        json.WriteString("role", "assistant");
        json.WriteNull("content");
    }));

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> More(Choice choice, Shown shown) => [Chunk(choice.Index, null, shown.Tokens, json =>
    {
        if (shown.Thinking.Length > 0)
        {
            WriteThinking(json, shown.Thinking);
        }
        else if (shown.Call is { } made)
        {
            json.WriteStartArray("tool_calls");
            WriteCall(json, made.Name is null ? null : made.Id, made.Name, made.Arguments, made.Number);
            json.WriteEndArray();
        }
        else if (shown.Content.Length > 0)
        {
            json.WriteString("content", shown.Content);
        }
    })];

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> End(Choice choice, Spent spent, bool last) => [Chunk(choice.Index, choice.Finish, [], _ => { }, last && !call.Usage ? spent : null, choice.Content)];

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> After(IReadOnlyList<Choice> choices, Spent spent) => !call.Usage ? [] : [new StreamEvent(JsonText.Write(json =>
    {
        json.WriteStartObject();
        Head(json, "chat.completion.chunk");
        json.WriteStartArray("choices");
        json.WriteEndArray();
        spent.WriteUsage(json, call.Asked);
        spent.WriteTimings(json, model);
        json.WriteEndObject();
    }))];

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Whole(IReadOnlyList<Choice> choices, Spent spent) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        Head(json, "chat.completion");
        json.WriteStartArray("choices");
        foreach (Choice choice in choices)
        {
            json.WriteStartObject();
            json.WriteNumber("index", choice.Index);
            WriteMessage(json, choice);
            WriteLogprobs(json, choice.Tokens);
            json.WriteString("finish_reason", choice.Finish);
            CitationWriter.Write(json, choice.Content, call.Asked.Sources);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (call.Asked.Tokens)
        {
            TokenWriter.Write(json, choices.SelectMany(choice => choice.Tokens), model.Engine.Tokenizer);
        }

        spent.WriteUsage(json, call.Asked);
        spent.WriteTimings(json, model);
        if (call.Asked.Notes.Count > 0)
        {
            json.WriteStartArray("media_notes");
            call.Asked.Notes.ToList().ForEach(json.WriteStringValue);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    });

    private void WriteMessage(Utf8JsonWriter json, Choice choice)
    {
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        if (choice.Content.Length == 0 && choice.Calls.Count > 0)
        {
            json.WriteNull("content");
        }
        else
        {
            json.WriteString("content", choice.Content);
        }

        json.WriteNull("refusal");
        if (choice.Thinking.Length > 0)
        {
            WriteThinking(json, choice.Thinking);
        }

        if (choice.Calls.Count > 0)
        {
            json.WriteStartArray("tool_calls");
            foreach ((string id, Text.ToolCall made) in choice.Calls)
            {
                WriteCall(json, id, made.Name, JsonText.Compact(made.Arguments), null);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WriteThinking(Utf8JsonWriter json, string thinking)
    {
        json.WriteString("reasoning_content", thinking);
        if (model.AlsoReasoning)
        {
            json.WriteString("reasoning", thinking);
        }
    }

    // Id, type and name go with the first piece alone: some clients put texts that come again behind those they have.
    private static void WriteCall(Utf8JsonWriter json, string? id, string? name, string arguments, int? index)
    {
        json.WriteStartObject();
        if (index is { } i)
        {
            json.WriteNumber("index", i);
        }

        if (id is not null)
        {
            json.WriteString("id", id);
            json.WriteString("type", "function");
        }

        json.WriteStartObject("function");
        if (name is not null)
        {
            json.WriteString("name", name);
        }

        json.WriteString("arguments", arguments);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private StreamEvent Chunk(int index, string? finish, IReadOnlyList<AnswerToken> tokens, Action<Utf8JsonWriter> delta, Spent? timings = null, string? ended = null) => new(JsonText.Write(json =>
    {
        json.WriteStartObject();
        Head(json, "chat.completion.chunk");
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteStartObject("delta");
        delta(json);
        json.WriteEndObject();
        WriteLogprobs(json, tokens);
        json.WriteString("finish_reason", finish);
        if (ended is not null)
        {
            CitationWriter.Write(json, ended, call.Asked.Sources);
        }

        json.WriteEndObject();
        json.WriteEndArray();
        if (call.Asked.Tokens && tokens.Count > 0)
        {
            TokenWriter.Write(json, tokens, model.Engine.Tokenizer);
        }

        if (call.Usage)
        {
            json.WriteNull("usage");
        }

        timings?.WriteTimings(json, model);
        json.WriteEndObject();
    }));

    private void Head(Utf8JsonWriter json, string kind)
    {
        json.WriteString("id", _id);
        json.WriteString("object", kind);
        json.WriteNumber("created", _created);
        json.WriteString("model", model.Name);
        json.WriteString("system_fingerprint", model.Fingerprint);
    }

    private void WriteLogprobs(Utf8JsonWriter json, IReadOnlyList<AnswerToken> tokens)
    {
        AnswerToken[] said = call.Asked.Logprobs is null ? [] : [.. tokens.Where(token => token.Place == TokenPlace.Content)];
        if (said.Length == 0)
        {
            json.WriteNull("logprobs");
            return;
        }

        json.WriteStartObject("logprobs");
        json.WriteStartArray("content");
        foreach (AnswerToken token in said)
        {
            TokenWriter.WriteLogprob(json, token, model.Engine.Tokenizer, call.Asked.Logprobs!.Value);
        }

        json.WriteEndArray();
        json.WriteNull("refusal");
        json.WriteEndObject();
    }
}
