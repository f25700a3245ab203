using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Hybrid.Rules;

/// <summary>An object of a route file whose keys are known: another one is refused, because what it was meant to forbid would be allowed.</summary>
internal sealed class RouteSection
{
    private static readonly string[] Secrets = ["key", "api_key", "apikey", "token", "secret", "password", "bearer", "authorization"];
    private readonly string _where;
    private readonly JsonElement _json;

    /// <param name="where">Begins a sentence.</param>
    /// <param name="json">The object.</param>
    /// <param name="known">Its keys.</param>
    /// <exception cref="GemmaVkException">It is none, or has another key.</exception>
    public RouteSection(string where, JsonElement json, params string[] known)
    {
        (_where, _json) = (where, json);
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new GemmaVkException($"{where}: expected an object with {string.Join(", ", known)}, but a JSON {json.ValueKind.ToString().ToLowerInvariant()} came; correct it.");
        }

        foreach (string name in json.EnumerateObject().Select(property => property.Name).Where(name => !known.Contains(name)))
        {
            if (Secrets.Contains(name.Replace('-', '_').ToLowerInvariant()))
            {
                throw new GemmaVkException($"{where}: \"{name}\" would be a key in clear text, and none is read from this file; name a variable of the environment as \"key_env\", or a file of mode 600 as \"key_file\", and take the key out of here.");
            }

            throw new GemmaVkException($"{where}: expected {string.Join(", ", known)}, but \"{VisibleText.Line(name)}\" came{(Spelling.Nearest(name, known) is { } meant ? $"; did you mean {meant}?" : "; take it out.")}");
        }
    }

    /// <summary>A value, or null where there is none.</summary>
    public JsonElement? Any(string key) => _json.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A text, or null.</summary>
    public string? Text(string key) => Any(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : throw Wrong(key, "a text");

    /// <summary>A text that must be there.</summary>
    public string Needed(string key, string what) => Text(key) ?? throw new GemmaVkException($"{_where}: expected \"{key}\", {what}, but it is missing; add it.");

    /// <summary>One of some words, or null.</summary>
    public string? Word(string key, params string[] words) => Text(key) is not { } text ? null : words.Contains(text) ? text : throw Unknown(key, text, words);

    /// <summary>A text or a list of them.</summary>
    public IReadOnlyList<string> Texts(string key) => Any(key) switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => [.. list.EnumerateArray().Select(item => item.GetString()!)],
        _ => throw Wrong(key, "a text or a list of texts"),
    };

    /// <summary>A whole number, or null.</summary>
    public int? Whole(string key, int least, int most) => Any(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= least && number <= most ? number : throw Wrong(key, $"a whole number from {least} to {most}");

    /// <summary>An amount of money of 0 or more, or null.</summary>
    public decimal? Amount(string key) => Any(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number) && number is >= 0 and < 1_000_000_000 ? number : throw Wrong(key, "an amount of 0 or more");

    /// <summary>True, false, or null.</summary>
    public bool? Truth(string key) => Any(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(key, "true or false"),
    };

    /// <summary>The sentence for a value that is no word that is known.</summary>
    public GemmaVkException Unknown(string key, string value, IReadOnlyCollection<string> words) =>
        new($"{_where}, \"{key}\": expected {string.Join(", ", words)}, but \"{VisibleText.Line(value)}\" came{(Spelling.Nearest(value, words) is { } meant ? $"; did you mean {meant}?" : "; use one of them.")}");

    /// <summary>The sentence for a value of another kind.</summary>
    public GemmaVkException Wrong(string key, string expected) => new($"{_where}: expected \"{key}\" as {expected}, but {Shown(_json.GetProperty(key))} came; correct it.");

    private static string Shown(JsonElement value) => value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? value.GetRawText() : $"a JSON {value.ValueKind.ToString().ToLowerInvariant()}";
}
