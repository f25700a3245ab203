namespace GemmaVk.Mcp.Permissions;

/// <summary>What somebody says to a tool that the model wants to call.</summary>
public enum ToolConsent
{
    /// <summary>Not this time.</summary>
    Refused,

    /// <summary>This time.</summary>
    Once,

    /// <summary>From now on.</summary>
    Always,

    /// <summary>From now on not.</summary>
    Never,
}
