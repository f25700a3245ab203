namespace GemmaVk.Grammar;

/// <summary>What a schema leaves open.</summary>
/// <param name="Blanks">Whether a space, or an end of line and indentation, may stand between marks, but before a colon or a comma. Without, the JSON is compact.</param>
/// <param name="AnyOrder">Whether declared properties may come in any order; otherwise they come as the schema declares them.</param>
public sealed record SchemaOptions(bool Blanks = true, bool AnyOrder = false)
{
    /// <summary>Whether values are spelled as in Gemma's tool calls instead of as JSON; without blanks.</summary>
    internal bool Calls { get; init; }
}
