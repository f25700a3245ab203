using System.Text.Json;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>A call that the model made, and what came of it.</summary>
/// <param name="Call">The call.</param>
/// <param name="Result">Any JSON value.</param>
public sealed record ToolExchange(ToolCall Call, JsonElement Result)
{
    /// <summary>As the chat template carries it.</summary>
    internal ToolResponse Response => new(Call.Name, Result);
}
