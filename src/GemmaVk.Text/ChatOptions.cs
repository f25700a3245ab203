namespace GemmaVk.Text;

/// <summary>How a conversation is written out.</summary>
public sealed record ChatOptions
{
    /// <summary>Whether the model thinks before it answers.</summary>
    public bool EnableThinking { get; init; }

    /// <summary>Whether the prompt ends where the model is to go on.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Whether the thoughts of earlier messages with tool calls are kept.</summary>
    public bool PreserveThinking { get; init; }

    /// <summary>
    /// Whether a model turn is opened when the published template ends on a closed turn although a generation prompt was asked for (an
    /// assistant message with content whose tool results come last). llama.cpp does this too: without it the model has no open turn.
    /// </summary>
    public bool OpenClosedTurn { get; init; } = true;
}
