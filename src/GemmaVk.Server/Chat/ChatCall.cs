using GemmaVk.Server.Answers;
using GemmaVk.Server.Calling;

namespace GemmaVk.Server.Chat;

/// <summary>A request of /v1/chat/completions.</summary>
/// <param name="Asked">What is asked.</param>
/// <param name="Stream">Whether the answer comes as it is written.</param>
/// <param name="Usage">Whether a stream ends with what it took.</param>
internal sealed record ChatCall(Asked Asked, bool Stream, bool Usage)
{
    /// <summary>The rounds, where the server runs tools for it.</summary>
    public ToolTurns? Turns { get; init; }
}
