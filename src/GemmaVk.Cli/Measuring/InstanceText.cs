using System.Text;
using System.Text.Json;

namespace GemmaVk.Cli.Measuring;

/// <summary>A JSON value as a text: compact, or with a space after commas and colons.</summary>
internal static class InstanceText
{
    /// <summary>Writes it; numbers keep their spelling.</summary>
    public static string Of(JsonElement value, bool spaces)
    {
        var text = new StringBuilder();
        Write(value, spaces ? " " : "", text);
        return text.ToString();
    }

    private static void Write(JsonElement value, string space, StringBuilder text)
    {
        string separator = "";
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (JsonProperty member in value.EnumerateObject())
                {
                    text.Append(separator).Append(Quoted(member.Name)).Append(':').Append(space);
                    Write(member.Value, space, text);
                    separator = "," + space;
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (JsonElement item in value.EnumerateArray())
                {
                    text.Append(separator);
                    Write(item, space, text);
                    separator = "," + space;
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                text.Append(Quoted(value.GetString()!));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            quoted = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                '\b' => quoted.Append("\\b"),
                '\f' => quoted.Append("\\f"),
                < ' ' => quoted.Append("\\u").Append(((int)c).ToString("x4", System.Globalization.CultureInfo.InvariantCulture)),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
