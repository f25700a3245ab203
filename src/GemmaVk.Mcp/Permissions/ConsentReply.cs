namespace GemmaVk.Mcp.Permissions;

/// <summary>An answer to the question whether a tool may be called.</summary>
/// <param name="Consent">What was said.</param>
/// <param name="Kept">Whether it is to hold for later runs of the program too.</param>
public sealed record ConsentReply(ToolConsent Consent, bool Kept = false);
