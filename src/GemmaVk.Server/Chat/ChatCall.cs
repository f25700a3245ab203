using GemmaVk.Server.Answers;

namespace GemmaVk.Server.Chat;

/// <summary>A request of /v1/chat/completions.</summary>
/// <param name="Asked">What is asked.</param>
/// <param name="Stream">Whether the answer comes as it is written.</param>
/// <param name="Usage">Whether a stream ends with what it took.</param>
internal sealed record ChatCall(Asked Asked, bool Stream, bool Usage);
