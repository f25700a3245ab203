using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Structured;
using GemmaVk.Tensors;
using GemmaVk.Text;
using Microsoft.Extensions.AI;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;

namespace GemmaVk;

/// <summary>A call of <see cref="IChatClient"/> in the model's own terms: messages, tools, and how to answer.</summary>
/// <param name="Messages">The conversation.</param>
/// <param name="Media">Its pictures, sounds and clips, in order.</param>
/// <param name="Tools">Tools that may be called.</param>
/// <param name="Options">How to answer.</param>
/// <param name="ShowsThinking">Whether thoughts are wanted.</param>
internal sealed record ChatRequest(
    IReadOnlyList<Text.ChatMessage> Messages, IReadOnlyList<MessagePart> Media, IReadOnlyList<ToolDeclaration> Tools, AskOptions Options, bool ShowsThinking)
{
    private const int MostStops = 16;

    /// <summary>Translates, and refuses what could only be ignored.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">How to answer.</param>
    /// <param name="read">Makes parts of content with bytes or an address.</param>
    /// <param name="open">Calls of a kept conversation that results may answer.</param>
    /// <exception cref="GemmaVkException">An option or content that the engine cannot honour.</exception>
    public static ChatRequest From(
        IReadOnlyList<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options, Func<AIContent, IReadOnlyList<MessagePart>> read, IReadOnlyList<ToolCall>? open = null)
    {
        options ??= new ChatOptions();
        Refuse(options.StopSequences?.Any(string.IsNullOrEmpty) == true, "StopSequences", "texts that are not empty", "leave the empty one out");
        Refuse(options.StopSequences?.Count > MostStops, "StopSequences", $"{MostStops} texts at most", "leave some out");
        Refuse(options.ResponseFormat is ChatResponseFormatJson && options.StopSequences?.Count > 0, "StopSequences", "none beside ResponseFormat", "an answer that is cut off fits no schema: drop one of the two");
        Refuse(options.MaxOutputTokens < 1, "MaxOutputTokens", "1 or more", "leave it null for as many as the context holds");
        Refuse(options.Temperature is { } t && !(t == 0 || (t >= DrawOptions.SmallestTemperature && float.IsFinite(t))), "Temperature", "0 (greedy) or more, from 1e-20 on", "leave it null for what the checkpoint recommends");
        Refuse(options.TopP is { } p && !(p > 0 && p <= 1), "TopP", "more than 0, at most 1", "leave it null for what the checkpoint recommends");
        Refuse(options.TopK < 0, "TopK", "0 (off) or more", "leave it null for what the checkpoint recommends");

        Conversation conversation = new(read, open);
        foreach (Microsoft.Extensions.AI.ChatMessage? message in messages)
        {
            conversation.Add(message);
        }

        List<Text.ChatMessage> translated = [.. conversation.Messages];
        if (options.Instructions is { Length: > 0 } instructions)
        {
            translated.Insert(0, new("system", instructions));
        }

        if (translated.Count > 1 && translated[0].Role == "system" && translated[1].Role is "system" or "developer")
        {
            // The grammar has one system turn, at the start.
            translated[0] = new("system", $"{translated[0].Text}\n\n{translated[1].Text}");
            translated.RemoveAt(1);
        }

        ToolDeclaration[] tools = options.ToolMode is NoneChatToolMode || options.Tools is null ? [] : [.. options.Tools.Select(Declare)];
        AskOptions ask = new()
        {
            Think = options.Reasoning is { } reasoning && reasoning.Effort != ReasoningEffort.None,
            MaxTokens = options.MaxOutputTokens,
            StopTexts = [.. options.StopSequences ?? []],
            Shape = ShapeOf(options, tools),
            Draw = new DrawOptions(options.Temperature, options.TopK, options.TopP, null, unchecked((ulong?)options.Seed)),
            Logits = ChatLogits.From(options),
            SingleCall = options.AllowMultipleToolCalls == false,
        };
        return new ChatRequest(translated, conversation.Media, tools, ask, options.Reasoning?.Output != ReasoningOutput.None);
    }

    /// <summary>Writes the conversation out.</summary>
    /// <exception cref="GemmaVkException">A tool's schema or a call's arguments cannot be written.</exception>
    public ChatPrompt Render()
    {
        try
        {
            return ChatTemplate.Render(Messages, Tools, new Text.ChatOptions { EnableThinking = Options.Think });
        }
        catch (TextException e)
        {
            throw new GemmaVkException(e.Message, e);
        }
    }

    /// <summary>Arguments of a call as the interface carries them.</summary>
    public static Dictionary<string, object?> Arguments(ToolCall call) =>
        call.Arguments.ValueKind == JsonValueKind.Object
            ? call.Arguments.EnumerateObject().ToDictionary(pair => pair.Name, pair => (object?)pair.Value)
            : [];

    /// <summary>What the answer may be, by format, tools and mode.</summary>
    private static AnswerShape? ShapeOf(ChatOptions options, ToolDeclaration[] tools)
    {
        string? missing = options.ToolMode is RequiredChatToolMode { RequiredFunctionName: var wanted } && !tools.Any(tool => wanted is null || tool.Name == wanted) ? wanted ?? "any" : null;
        Refuse(missing is not null, "ToolMode", $"a tool that is among ChatOptions.Tools, but {missing} is required", "add it to them, or let the model decide");
        (ToolUse use, string? only) = options.ToolMode switch
        {
            RequiredChatToolMode required => (ToolUse.Required, required.RequiredFunctionName),
            NoneChatToolMode => (ToolUse.None, null),
            _ => (ToolUse.Auto, null),
        };
        bool several = options.AllowMultipleToolCalls != false;
        if (options.ResponseFormat is not ChatResponseFormatJson json)
        {
            return use == ToolUse.None && options.Tools is not { Count: > 0 } ? null : AnswerShape.OfTools(tools, use, only, several);
        }

        AnswerShape body = json.Schema is { } schema
            ? AnswerShape.OfSchema(schema, $"ChatOptions.ResponseFormat{(json.SchemaName is { } name ? $" '{name}'" : "")}")
            : AnswerShape.JsonObject();
        return body.WithTools(tools, use, only, several);
    }

    private static bool IsStrict(AITool tool) => tool.AdditionalProperties.TryGetValue("strict", out object? strict)
        && strict is true or JsonElement { ValueKind: JsonValueKind.True };

    private static ToolDeclaration Declare(AITool? tool)
    {
        if (tool is not AIFunctionDeclaration function)
        {
            throw new GemmaVkException(tool is null ? "ChatOptions.Tools: expected functions, but one is null; leave it out." : $"tool {tool.Name} is a {tool.GetType().Name}: expected functions. Offer it as an AIFunction.");
        }

        Dictionary<string, object?> declared = new() { ["name"] = function.Name, ["description"] = function.Description, ["parameters"] = function.JsonSchema, ["strict"] = IsStrict(function) };
        try
        {
            return new ToolDeclaration(Conversation.ToJson(declared, $"tool {function.Name}"));
        }
        catch (TextException e)
        {
            throw new GemmaVkException($"tool {function.Name}: {e.Message}", e);
        }
    }

    private static void Refuse(bool wrong, string option, string expected, string remedy)
    {
        if (wrong)
        {
            throw new GemmaVkException($"ChatOptions.{option}: expected {expected}; {remedy}.");
        }
    }
}
