using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace GemmaVk.Text;

/// <summary>The small parts of the file: the added tokens, the two stages that must be exactly what Gemma uses, and the steps of the reader.</summary>
internal sealed partial class TokenizerJson
{
    private void ReadAdded(ref Utf8JsonReader reader)
    {
        JsonElement list = JsonElement.ParseValue(ref reader);
        Require(list.ValueKind == JsonValueKind.Array, "\"added_tokens\" is not a list");
        foreach (JsonElement token in list.EnumerateArray())
        {
            bool good = token.ValueKind == JsonValueKind.Object
                & TryGet(token, "content", JsonValueKind.String, out JsonElement content)
                & TryGet(token, "id", JsonValueKind.Number, out JsonElement number);
            if (!good || !number.TryGetInt32(out int id) || content.GetString() is not { Length: > 0 } text)
            {
                throw Fault($"the added token {token.GetRawText()} has no \"content\" and \"id\"");
            }

            // The 24 steer the model whatever the file says of them.
            bool control = Flag(token, "special", text) || ControlText.All.Contains(text);
            AddedToken added = new(
                text, id, control, Flag(token, "normalized", text), Flag(token, "single_word", text), Flag(token, "lstrip", text), Flag(token, "rstrip", text));
            Require(_added.TryAdd(text, added), $"the added token {text} occurs twice");
        }
    }

    private bool Flag(JsonElement token, string flag, string text)
    {
        JsonValueKind kind = token.TryGetProperty(flag, out JsonElement value) ? value.ValueKind : JsonValueKind.False;
        Require(kind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null, $"\"{flag}\" of the added token {text} is neither true nor false");
        return kind == JsonValueKind.True;
    }

    /// <summary>Added tokens are usually in the vocabulary too; those that are not extend it.</summary>
    private void CheckAdded()
    {
        bool extended = false;
        foreach ((string text, int id) in _added.Values.Select(token => (token.Text, token.Id)))
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            int known = _tokens!.Find(utf8);
            Require(known < 0 || known == id, $"the added token {text} has id {id}, but the vocabulary gives it {known}");
            if (known < 0)
            {
                _vocabulary!.Add(utf8, id);
                extended = true;
            }
        }

        if (extended)
        {
            Build();
        }

        _vocabulary = null;
    }

    private void CheckNormalizer(JsonElement normalizer)
    {
        bool spaces = TryGet(normalizer, "type", JsonValueKind.String, out JsonElement type) && type.ValueEquals("Replace")
            && TryGet(normalizer, "pattern", JsonValueKind.Object, out JsonElement pattern)
            && TryGet(pattern, "String", JsonValueKind.String, out JsonElement from) && from.ValueEquals(" ")
            && TryGet(normalizer, "content", JsonValueKind.String, out JsonElement to) && to.ValueEquals("\u2581");
        Require(spaces, "its normalizer is not the one replacement of a space by U+2581 that Gemma uses");
    }

    private void CheckPreTokenizer(JsonElement split)
    {
        // Splitting at spaces does nothing after the normalizer has replaced them all.
        bool idle = split.ValueKind == JsonValueKind.Null
            || (TryGet(split, "type", JsonValueKind.String, out JsonElement type) && type.ValueEquals("Split")
                && TryGet(split, "pattern", JsonValueKind.Object, out JsonElement pattern)
                && TryGet(pattern, "String", JsonValueKind.String, out JsonElement at) && at.ValueEquals(" "));
        Require(idle, "its pre_tokenizer is not the split at spaces that Gemma uses");
    }

    private static bool TryGet(JsonElement owner, string key, JsonValueKind kind, out JsonElement value)
    {
        value = default;
        return owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(key, out value) && value.ValueKind == kind;
    }

    /// <summary>Moves to the next property of an object and onto its value.</summary>
    private bool Next(ref Utf8JsonReader reader, HashSet<string> seen, out string key)
    {
        key = "";
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
        {
            return false;
        }

        key = reader.GetString()!;
        Require(seen.Add(key), $"the key \"{key}\" occurs twice");
        return reader.Read();
    }

    private void Start(ref Utf8JsonReader reader, JsonTokenType expected, string what) =>
        Require(reader.Read() && reader.TokenType == expected, $"{what} does not start with an object");

    private void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw Fault(otherwise);
        }
    }

    private TextException Fault(string what) => new($"{_file}: not a usable tokenizer.json: {what}. Take the file that belongs to the checkpoint.");
}
