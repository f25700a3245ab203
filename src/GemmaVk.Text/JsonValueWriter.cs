using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace GemmaVk.Text;

/// <summary>Writes JSON values in the chat grammar: strings between quote tokens, bare keys sorted without regard to case.</summary>
internal static class JsonValueWriter
{
    /// <summary>Deeper values are refused; System.Text.Json itself reads 64 levels unless told otherwise.</summary>
    private const int DeepestValue = 128;

    /// <summary>Looks through a value of the caller before anything is written of it: names and strings are text, and its depth is sane.</summary>
    /// <param name="value">The value.</param>
    /// <param name="what">What it is, to begin a sentence with.</param>
    /// <exception cref="TextException">One is not, and which.</exception>
    public static void Check(JsonElement value, string what, int depth = 0)
    {
        if (depth > DeepestValue)
        {
            throw new TextException($"{what} is nested deeper than {DeepestValue} levels; flatten it.");
        }

        try
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (JsonProperty property in value.EnumerateObject())
                    {
                        _ = property.Name;
                        Check(property.Value, what, depth + 1);
                    }

                    break;
                case JsonValueKind.Array:
                    foreach (JsonElement item in value.EnumerateArray())
                    {
                        Check(item, what, depth + 1);
                    }

                    break;
                case JsonValueKind.String:
                    _ = value.GetString();
                    break;
            }
        }
        catch (InvalidOperationException e)
        {
            throw new TextException($"{what} holds a name or a string that is not valid text, half of a surrogate pair; send complete characters.", e);
        }
    }

    /// <summary>Writes a value; keys of objects are quoted only in tool declarations.</summary>
    public static void Write(ChatPrompt.Writer writer, JsonElement value, bool quoteKeys, int depth = 0)
    {
        if (depth > DeepestValue)
        {
            throw new TextException($"A JSON value of the conversation is nested deeper than {DeepestValue} levels; flatten it.");
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                writer.Quoted(Text(value));
                break;
            case JsonValueKind.Object:
                writer.Template("{");
                WritePairs(writer, value, quoteKeys, depth);
                writer.Template("}");
                break;
            case JsonValueKind.Array:
                writer.Template("[");
                string comma = "";
                foreach (JsonElement item in value.EnumerateArray())
                {
                    writer.Template(comma);
                    Write(writer, item, quoteKeys, depth + 1);
                    comma = ",";
                }

                writer.Template("]");
                break;
            default:
                writer.Caller(Scalar(value));
                break;
        }
    }

    /// <summary>Writes the pairs of an object without its braces.</summary>
    public static void WritePairs(ChatPrompt.Writer writer, JsonElement value, bool quoteKeys, int depth = 0)
    {
        string comma = "";
        foreach ((string key, JsonElement item) in Sorted(value))
        {
            writer.Template(comma);
            if (quoteKeys)
            {
                writer.Quoted(key);
            }
            else
            {
                writer.Caller(key);
            }

            writer.Template(":");
            Write(writer, item, quoteKeys, depth + 1);
            comma = ",";
        }
    }

    /// <summary>The pairs of an object in the order of the template; of equal keys the last one counts.</summary>
    public static IEnumerable<KeyValuePair<string, JsonElement>> Sorted(JsonElement value)
    {
        var pairs = new Dictionary<string, JsonElement>();
        try
        {
            foreach (JsonProperty property in value.EnumerateObject())
            {
                pairs[property.Name] = property.Value;
            }
        }
        catch (InvalidOperationException e)
        {
            throw BadText(e);
        }

        return pairs.OrderBy(pair => pair.Key, Comparer<string>.Create(PythonText.CompareKeys));
    }

    /// <summary>The text of a JSON string.</summary>
    public static string Text(JsonElement value)
    {
        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException e)
        {
            throw BadText(e);
        }
    }

    /// <summary>A number, truth value or null.</summary>
    public static string Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => PythonText.Number(value),
        _ => "null",
    };

    private static TextException BadText(InvalidOperationException e) =>
        new("A JSON string of the conversation is not valid text: it holds half of a surrogate pair; send complete characters.", e);
}
