using System;

namespace GemmaVk.Mcp.Calls;

/// <summary>How much tools may take.</summary>
public sealed record ToolLimits
{
    /// <summary>Rounds of calls that one question may lead to.</summary>
    public int Rounds { get; init; } = 8;

    /// <summary>Times that one call may be made with the same arguments for one question.</summary>
    public int Repeats { get; init; } = 3;

    /// <summary>Longest time of a call.</summary>
    public TimeSpan Call { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest time until a server has said what it offers.</summary>
    public TimeSpan Start { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Most bytes of one message of a server.</summary>
    public long MessageBytes { get; init; } = 16L << 20;

    /// <summary>Most characters of a result that the model gets.</summary>
    public int ResultCharacters { get; init; } = 32_768;

    /// <summary>Most tools that are offered at a time.</summary>
    public int Tools { get; init; } = 128;
}
