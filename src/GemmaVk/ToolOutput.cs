using System.Collections.Generic;
using System.Text.Json;

namespace GemmaVk;

/// <summary>What came of a call, for <see cref="GemmaSession.Reply(IReadOnlyList{ToolOutput}, AskOptions, System.Action{Text.ResponseDelta}?, System.Threading.CancellationToken)"/>.</summary>
/// <param name="Value">Any JSON value: data, never read as control tokens.</param>
/// <param name="Media">Pictures, sounds and clips that came with it, taken in behind it.</param>
public sealed record ToolOutput(JsonElement Value, IReadOnlyList<MessagePart> Media)
{
    /// <summary>A value alone.</summary>
    public ToolOutput(JsonElement value)
        : this(value, [])
    {
    }
}
