namespace GemmaVk.Grammar;

/// <summary>What a schema leaves open.</summary>
/// <param name="Blanks">Whether a space, or an end of line and indentation, may stand between marks, but before a colon or a comma. Without, the JSON is compact.</param>
/// <param name="AnyOrder">Whether declared properties may come in any order; otherwise they come as the schema declares them.</param>
/// <param name="Closed">
/// Whether an object that declares properties and says nothing of others has no others, as writers of such schemas mean it: fewer values than the
/// schema allows, and none that it does not.
/// </param>
public sealed record SchemaOptions(bool Blanks = true, bool AnyOrder = false, bool Closed = false)
{
    /// <summary>Whether values are spelled as in Gemma's tool calls instead of as JSON; without blanks.</summary>
    internal bool Calls { get; init; }
}
