using System.Linq;
using System.Text.Json;

namespace GemmaVk.Grammar;

/// <summary>A tool whose calls are held to its schema.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">JSON Schema of its arguments, an object.</param>
public sealed record CallSchema(string Name, JsonElement Parameters)
{
    /// <summary>Whether a name can be read back from a call.</summary>
    internal static bool IsName(string name) => name.Length > 0 && name.All(c => char.IsLetterOrDigit(c) || "_.:/@$-".Contains(c));
}
