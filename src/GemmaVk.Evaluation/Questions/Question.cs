using System.Collections.Generic;
using System.Text.Json;
using GemmaVk.Text;

namespace GemmaVk.Evaluation.Questions;

/// <summary>A question with what is right for an answer: a line of a task file.</summary>
/// <param name="Id">What it is called: the same in every run.</param>
/// <param name="Task">What it is counted with.</param>
/// <param name="Hash">Digits that are others once anything in the line is another.</param>
/// <param name="Messages">What is said to the model, at least one message.</param>
/// <param name="Expected">What is right.</param>
public sealed record Question(string Id, string Task, string Hash, IReadOnlyList<QuestionMessage> Messages, Expected Expected)
{
    /// <summary>Whether the text goes on as it stands, without turns of a chat.</summary>
    public bool Raw { get; init; }

    /// <summary>Whether the model thinks first.</summary>
    public bool Think { get; init; }

    /// <summary>Most tokens of the answer, or null for the run's.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Tools that may be called, as OpenAI declares them.</summary>
    public IReadOnlyList<JsonElement> Tools { get; init; } = [];
}

/// <summary>A message of a question.</summary>
/// <param name="Role">system, user or assistant.</param>
/// <param name="Parts">Text and media, in order.</param>
public sealed record QuestionMessage(string Role, IReadOnlyList<QuestionPart> Parts);

/// <summary>A part of a message.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">The text, or the path of a file.</param>
public readonly record struct QuestionPart(ChatPartKind Kind, string Value);
