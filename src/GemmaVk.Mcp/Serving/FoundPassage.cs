namespace GemmaVk.Mcp.Serving;

/// <summary>A passage of a document that answers a question.</summary>
/// <param name="File">Path of the document.</param>
/// <param name="Page">Its page, or null where it has none.</param>
/// <param name="Score">How well it answers; more is better.</param>
/// <param name="Text">The passage.</param>
public sealed record FoundPassage(string File, int? Page, double Score, string Text);
