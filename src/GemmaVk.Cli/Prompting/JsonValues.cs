using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Prompting;

/// <summary>JSON from a file that a person or a program wrote: one value, or several in a row.</summary>
internal static class JsonValues
{
    /// <summary>Reads a file; a list counts as its items.</summary>
    /// <param name="flag">Named in messages.</param>
    /// <param name="path">The file.</param>
    /// <param name="wrapper">An object with this property counts as its value.</param>
    /// <exception cref="GemmaVkException">It cannot be read, or is no JSON.</exception>
    public static IReadOnlyList<JsonElement> Read(string flag, string path, string wrapper)
    {
        byte[] text = Encoding.UTF8.GetBytes(InputText.OfFile(flag, path));
        List<JsonElement> values = [];
        try
        {
            Utf8JsonReader reader = new(text, new JsonReaderOptions { AllowMultipleValues = true, CommentHandling = JsonCommentHandling.Skip });
            while (reader.Read())
            {
                JsonElement value = JsonElement.ParseValue(ref reader);
                CheckTexts(value);
                value = value.ValueKind == JsonValueKind.Object && value.TryGetProperty(wrapper, out JsonElement wrapped) ? wrapped : value;
                if (value.ValueKind == JsonValueKind.Array)
                {
                    values.AddRange(value.EnumerateArray());
                }
                else
                {
                    values.Add(value);
                }
            }
        }
        catch (InvalidOperationException e)
        {
            throw new GemmaVkException($"{flag} {path}: expected texts of whole characters, but one has half of a surrogate pair (\\ud800 to \\udfff alone); correct it.", e);
        }
        catch (JsonException e)
        {
            string line = ((e.LineNumber ?? 0) + 1).ToString(CultureInfo.InvariantCulture);
            throw new GemmaVkException(
                e.Message.Contains("depth", StringComparison.OrdinalIgnoreCase)
                    ? $"{flag} {path}: expected JSON of at most 64 levels, but line {line} lies deeper; flatten it."
                    : $"{flag} {path}: expected JSON, but line {line} is not; correct it or give another file.",
                e);
        }

        return values.Count > 0 ? values : throw new GemmaVkException($"{flag} {path}: expected a list, but nothing is in it; give another file.");
    }

    /// <summary>Looks at every text: JSON may spell halves of characters, which no string holds.</summary>
    /// <exception cref="InvalidOperationException">There is one.</exception>
    private static void CheckTexts(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                _ = value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray())
                {
                    CheckTexts(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty member in value.EnumerateObject())
                {
                    _ = member.Name;
                    CheckTexts(member.Value);
                }

                break;
        }
    }
}
