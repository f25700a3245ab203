using System.Text.Json;

namespace GemmaVk.Grammar.Schemas;

/// <summary>A schema inside the document, or a value that another must equal.</summary>
/// <param name="Id">A number of its own.</param>
/// <param name="Element">The schema, or the value.</param>
/// <param name="Pointer">Where it stands, as a JSON pointer.</param>
/// <param name="IsValue">Whether it is a value.</param>
internal sealed record SchemaPart(int Id, JsonElement Element, string Pointer, bool IsValue);
