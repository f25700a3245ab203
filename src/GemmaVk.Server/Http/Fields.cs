using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace GemmaVk.Server.Http;

/// <summary>
/// The fields of a JSON object in a request. Null counts as absent, as clients of typed languages send it. What a field may be is said where it
/// is read; every error names it.
/// </summary>
/// <param name="json">The object.</param>
/// <param name="path">Where it stands in the request, empty for the whole of it.</param>
internal sealed class Fields(JsonElement json, string path = "")
{
    /// <summary>Where a field stands.</summary>
    public string Path(string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>Names of the fields that are not null, in order.</summary>
    public IEnumerable<string> Names => json.EnumerateObject().Where(each => each.Value.ValueKind != JsonValueKind.Null).Select(each => each.Name);

    /// <summary>A field of any kind, or null.</summary>
    public JsonElement? Any(string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A text, or null.</summary>
    public string? Text(string name) => Any(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? StringOf(value, name)
        : throw Wrong(name, "a text", value);

    /// <summary>A text that must be there.</summary>
    public string Needed(string name) => Text(name) ?? throw ApiException.Field(Path(name), $"{Path(name)} is missing: expected a text; give it.");

    /// <summary>True, false or null.</summary>
    public bool? Flag(string name) => Any(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(name, "true or false", value);

    /// <summary>A whole number within bounds, or null.</summary>
    public int? Whole(string name, int least, int most) => Any(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number == Math.Floor(number) && number >= least && number <= most
            ? (int)number
            : throw Wrong(name, most == int.MaxValue ? $"a whole number of {least} or more" : $"a whole number from {least} to {most}", value);

    /// <summary>A number within bounds, or null.</summary>
    public float? Real(string name, float least, float most) => Any(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number) && float.IsFinite(number) && number >= least && number <= most
            ? number
            : throw Wrong(name, FormattableString.Invariant($"a number from {least} to {most}"), value);

    /// <summary>An object, or null.</summary>
    public Fields? Object(string name) => Any(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? new Fields(value, Path(name))
        : throw Wrong(name, "an object", value);

    /// <summary>The items of a list, or null.</summary>
    public IReadOnlyList<JsonElement>? List(string name) => Any(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()]
        : throw Wrong(name, "a list", value);

    /// <summary>A text or a list of texts, or null.</summary>
    public IReadOnlyList<string>? Texts(string name)
    {
        if (Any(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return [StringOf(value, name)];
        }

        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => StringOf(item, name))]
            : throw Wrong(name, "a text or a list of texts", value);
    }

    /// <summary>The error for a value that is something else.</summary>
    public ApiException Wrong(string name, string expected, JsonElement came) =>
        ApiException.Field(Path(name), $"{Path(name)}: expected {expected}, but {Shown(came)} came; mend it, or leave it out.");

    /// <summary>A value in a sentence.</summary>
    public static string Shown(JsonElement value)
    {
        string text = value.GetRawText();
        return value.ValueKind switch
        {
            JsonValueKind.Array => "a list",
            JsonValueKind.Object => "an object",
            _ => text.Length <= 60 ? text : text[..57] + "...",
        };
    }

    private string StringOf(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Field(Path(name), $"{Path(name)}: expected a text of whole characters, but half of a surrogate pair stands in it; send it as UTF-8.");
        }
    }
}
