using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Tensors;
using GemmaVk.Text;
using Microsoft.Extensions.AI;
using ChatMessage = GemmaVk.Text.ChatMessage;

namespace GemmaVk;

/// <summary>Messages of <see cref="IChatClient"/> in the model's own terms. What has no place in them is refused by name: nothing is left out silently.</summary>
/// <param name="read">Makes parts of content with bytes or an address.</param>
/// <param name="open">Calls made before these messages that results may answer.</param>
internal sealed class Conversation(Func<AIContent, IReadOnlyList<MessagePart>> read, IReadOnlyList<ToolCall>? open = null)
{
    private readonly List<ChatMessage> _messages = [];
    private readonly List<MessagePart> _media = [];

    // The calls that results may answer: those of the newest message of the assistant.
    private IReadOnlyList<ToolCall> _calls = open ?? [];

    /// <summary>The messages so far.</summary>
    public IReadOnlyList<ChatMessage> Messages => _messages;

    /// <summary>Their pictures, sounds and clips, in the order in which the prompt holds them.</summary>
    public IReadOnlyList<MessagePart> Media => _media;

    /// <summary>Adds a message.</summary>
    /// <exception cref="GemmaVkException">Content that the model cannot take, or not there.</exception>
    public void Add(Microsoft.Extensions.AI.ChatMessage? message)
    {
        if (message is null)
        {
            throw new GemmaVkException("messages: expected messages, but one is null; leave it out.");
        }

        string role = RoleOf(message.Role);
        List<ChatPart> parts = [];
        List<MessagePart> media = [];
        List<ToolCall> calls = [];
        List<FunctionResultContent> results = [];
        string reasoning = "";
        foreach (AIContent? content in message.Contents)
        {
            switch (content)
            {
                case TextReasoningContent thought:
                    reasoning += thought.Text;
                    break;
                case FunctionCallContent call:
                    calls.Add(new ToolCall(call.Name, ToJson(call.Arguments ?? new Dictionary<string, object?>(), $"the arguments of the call of {call.Name}"), call.CallId));
                    break;
                case FunctionResultContent result:
                    results.Add(result);
                    break;
                case UsageContent or ErrorContent:
                    // What an answer cost, or that it went wrong, was never said to the model.
                    break;
                default:
                    AddParts(content, parts, media);
                    break;
            }
        }

        if (role == "user")
        {
            // A user's words stand behind the results that come with them: they answer calls of the turn before.
            results.ForEach(AddResult);
            if (results.Count > 0 && parts.Count == 0)
            {
                return;
            }

            results.Clear();
        }

        if (media.Count > 0 && (role is "system" or "developer" || calls.Count > 0))
        {
            throw new GemmaVkException(
                $"a {(calls.Count > 0 ? "message that calls tools" : $"{role} message")} holds a {Word(media[0].Kind)}: expected words alone there, because the model's format has no place for it; put it into a message of the user.");
        }

        if (parts.Count > 0 || calls.Count > 0 || results.Count == 0)
        {
            AddSaid(new ChatMessage(role, Joined(parts)) { Parts = OnlyWords(parts) ? null : parts, ToolCalls = calls, Reasoning = reasoning.Length > 0 ? reasoning : null });
            _media.AddRange(media);
        }

        foreach (FunctionResultContent result in results)
        {
            AddResult(result);
        }
    }

    /// <summary>A value as JSON.</summary>
    /// <exception cref="GemmaVkException">It cannot be written, or holds a picture, a sound or a clip.</exception>
    public static JsonElement ToJson(object value, string what)
    {
        try
        {
            JsonElement element = value is JsonElement given ? given : JsonSerializer.SerializeToElement(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType()));
            return element.ValueKind == JsonValueKind.Undefined ? throw new GemmaVkException($"{what}: expected a JSON value, but an empty JsonElement came; give a value, or null.")
                : !ResultContents.HoldsBytes(element) ? element
                : throw new GemmaVkException($"{what}: expected plain values, but a picture, sound or clip stands among them, which the model would get as letters; give it as content of its own, or in a list of contents, as the result of a call.");
        }
        catch (Exception error) when (error is ArgumentException or JsonException or NotSupportedException or InvalidOperationException)
        {
            // JSON has no NaN and no infinity, and is written 64 levels deep. The cause may lie inside.
            Exception cause = error.GetBaseException();
            string why = cause is ArgumentException && cause.Message.Contains("infinity", StringComparison.Ordinal) ? "a number in it is NaN or infinite, which JSON cannot write"
                : $"{error.Message} {cause.Message}".Contains("depth", StringComparison.OrdinalIgnoreCase) ? "it is nested deeper than 64 levels, or contains itself"
                : $"it holds a type or a text that JSON cannot write ({cause.Message})";
            throw new GemmaVkException($"{what}: expected a value that can be written as JSON, but {why}; give plain values, or text.", error);
        }
    }

    /// <summary>The role as the format writes it: the interface's own are the same in capitals.</summary>
    private static string RoleOf(ChatRole role) => role.Value switch
    {
        null => throw new GemmaVkException("messages: expected a role for each, but one has none; give it ChatRole.User."),
        var word when word.ToLowerInvariant() is "system" or "developer" or "user" or "assistant" or "tool" => word.ToLowerInvariant(),
        var word => word,
    };

    private void AddSaid(ChatMessage message)
    {
        if (message.Role == "tool")
        {
            // Words in a message of a tool: they answer the one call there is.
            AddTool(message with { ToolCallId = _calls.Count == 1 ? _calls[0].Id : null }, _calls.Count == 1, "a message of a tool without a function result");
            return;
        }

        _calls = message.ToolCalls;
        _messages.Add(message);
    }

    private void AddResult(FunctionResultContent content)
    {
        string what = $"the result of call '{content.CallId}'";
        (string? text, List<ChatPart> parts, List<MessagePart> media) = (null, [], []);
        object? came = ResultContents.Once(content.Result, what);
        switch (came)
        {
            case null:
                text = content.Exception is { } failed ? $"Error: {failed.Message}" : "";
                break;
            case string words:
                text = words;
                break;
            case byte[] or ReadOnlyMemory<byte> or Memory<byte>:
                // As JSON they would be letters to the model, and nothing says what they are.
                throw new GemmaVkException($"{what}: expected text, a value or content, but bare bytes came; return a DataContent of them with their media type, such as image/png.");
            case { } result when ResultContents.Of(result, what) is { Count: > 0 } contents:
                foreach (AIContent item in contents)
                {
                    AddParts(item, parts, media);
                }

                break;
            default:
                AddTool(new ChatMessage("tool") { Result = ToJson(came, what), ToolCallId = content.CallId }, IsCalled(content), what);
                return;
        }

        ChatMessage message = new("tool", text ?? Joined(parts)) { Parts = OnlyWords(parts) ? null : parts, ToolCallId = content.CallId };
        AddTool(message, IsCalled(content), what);
        _media.AddRange(media);
    }

    private bool IsCalled(FunctionResultContent content) => _calls.Any(call => call.Id == content.CallId);

    private void AddTool(ChatMessage message, bool isCalled, string what)
    {
        if (!isCalled)
        {
            throw new GemmaVkException(_calls.Count == 0
                ? $"{what}: expected behind a message of the assistant that makes the call, but none stands there; add the message with its FunctionCallContent, or take the result out."
                : $"{what}: expected one of the calls before it ({string.Join(", ", _calls.Select(call => $"'{call.Id}'"))}); give it the CallId of its call.");
        }

        _messages.Add(message);
    }

    private void AddParts(AIContent? content, List<ChatPart> parts, List<MessagePart> media)
    {
        switch (content)
        {
            case TextContent words:
                parts.Add(new ChatPart(ChatPartKind.Text, words.Text ?? ""));
                break;
            case ErrorContent error:
                parts.Add(new ChatPart(ChatPartKind.Text, error.Message ?? ""));
                break;
            case MediaContent { Part: { } ready }:
                Take(ready);
                break;
            case DataContent or UriContent:
                foreach (MessagePart part in read(content))
                {
                    Take(part);
                }

                break;
            default:
                throw new GemmaVkException(
                    $"message content {content?.GetType().Name ?? "null"}: expected text, pictures, sounds, clips, reasoning, function calls or function results. Take it out of the message.");
        }

        void Take(MessagePart part)
        {
            parts.Add(part.Written);
            if (part.Kind != ChatPartKind.Text)
            {
                media.Add(part);
            }
        }
    }

    private static bool OnlyWords(List<ChatPart> parts) => parts.TrueForAll(part => part.Kind == ChatPartKind.Text);

    private static string? Joined(List<ChatPart> parts) => OnlyWords(parts) ? string.Concat(parts.Select(part => part.Text)) : null;

    private static string Word(ChatPartKind kind) => kind switch
    {
        ChatPartKind.Image => "picture",
        ChatPartKind.Audio => "sound",
        _ => "clip",
    };
}
