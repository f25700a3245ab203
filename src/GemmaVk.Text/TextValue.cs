using System.Text.Json;
using System.Text.Json.Serialization;

namespace GemmaVk.Text;

/// <summary>Texts as JSON values, by code that is generated when this is compiled: a program compiled ahead of time has no other.</summary>
public static partial class TextValue
{
    /// <summary>A JSON string.</summary>
    public static JsonElement Of(string text) => JsonSerializer.SerializeToElement(text, Generated.Default.String);

    [JsonSerializable(typeof(string))]
    private sealed partial class Generated : JsonSerializerContext;
}
