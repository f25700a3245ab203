using Microsoft.Extensions.AI;

namespace GemmaVk;

/// <summary>A picture, sound or clip in a message to <see cref="GemmaChatClient"/> that is ready for the model.</summary>
/// <param name="part">What it is.</param>
public sealed class MediaContent(MessagePart part) : AIContent
{
    /// <summary>What it is.</summary>
    public MessagePart Part { get; } = part;
}
