using System.Collections.Generic;
using System.Text.Json;

namespace GemmaVk.Text;

/// <summary>What a part of a message is.</summary>
public enum ChatPartKind
{
    /// <summary>Text of the caller.</summary>
    Text,

    /// <summary>A picture; its placeholder is expanded by <see cref="ChatPrompt.Expand"/>.</summary>
    Image,

    /// <summary>A sound.</summary>
    Audio,

    /// <summary>A video clip.</summary>
    Video,
}

/// <summary>One part of a message's content.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The text, for <see cref="ChatPartKind.Text"/>.</param>
public readonly record struct ChatPart(ChatPartKind Kind, string Text = "");

/// <summary>A call of a tool, as the model makes it and as a history holds it.</summary>
/// <param name="Name">Name of the function.</param>
/// <param name="Arguments">A JSON object; JSON text of one (OpenAI's form), null and undefined are taken too.</param>
/// <param name="Id">Identifier that the result refers to.</param>
public sealed record ToolCall(string Name, JsonElement Arguments, string? Id = null);

/// <summary>The result of a call, carried by the message that made the call.</summary>
/// <param name="Name">Name of the function, "unknown" if null.</param>
/// <param name="Response">Any JSON value; an object is written as its pairs, anything else as {value:...}.</param>
public sealed record ToolResponse(string? Name, JsonElement Response);

/// <summary>
/// One message of a conversation. Its content is <see cref="Parts"/> if given, else <see cref="Result"/> (tool messages only), else
/// <see cref="Text"/>.
/// </summary>
/// <param name="Role">system, developer, user, assistant or tool; others are written as they are.</param>
/// <param name="Text">Content in one piece.</param>
public sealed record ChatMessage(string Role, string? Text = null)
{
    /// <summary>Content in parts.</summary>
    public IReadOnlyList<ChatPart>? Parts { get; init; }

    /// <summary>Content of a tool message that is no text: a number, a truth value or an object.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>What the model thought before it answered; kept or left out by the template's rules.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Calls made by an assistant message.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Results of these calls; tool messages that follow are then left out.</summary>
    public IReadOnlyList<ToolResponse> ToolResponses { get; init; } = [];

    /// <summary>The call that a tool message answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>Name of the function that a tool message comes from, used when no call has its id.</summary>
    public string? Name { get; init; }
}
