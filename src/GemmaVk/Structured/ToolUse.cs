namespace GemmaVk.Structured;

/// <summary>Whether an answer calls tools.</summary>
public enum ToolUse
{
    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>It calls none.</summary>
    None,

    /// <summary>It calls one at least, and says nothing else.</summary>
    Required,
}
