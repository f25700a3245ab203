using System.Linq;
using System.Text.Json;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Mcp.Serving;

/// <summary>Arguments that another program gives to one of the flat schemas here. The model's own calls fit by construction; a program's need not.</summary>
internal static class ArgumentCheck
{
    /// <summary>What is wrong with them, or null.</summary>
    public static string? Complaint(ToolDeclaration tool, JsonElement arguments)
    {
        JsonElement properties = tool.Parameters!.Value.GetProperty("properties");
        string[] names = [.. properties.EnumerateObject().Select(property => property.Name)];
        foreach (JsonElement needed in tool.Parameters.Value.GetProperty("required").EnumerateArray())
        {
            if (!arguments.TryGetProperty(needed.GetString()!, out _))
            {
                return $"{tool.Name}: expected \"{needed.GetString()}\", but it is missing; give it.";
            }
        }

        foreach (JsonProperty given in arguments.EnumerateObject())
        {
            if (!properties.TryGetProperty(given.Name, out JsonElement schema))
            {
                return $"{tool.Name}: expected {string.Join(", ", names)}, but \"{VisibleText.Line(given.Name)}\" came{(Spelling.Nearest(given.Name, names) is { } meant ? $"; did you mean {meant}?" : "; leave it out.")}";
            }

            string type = schema.GetProperty("type").GetString()!;
            bool fits = type == "string" ? given.Value.ValueKind == JsonValueKind.String : given.Value.ValueKind == JsonValueKind.Number && given.Value.TryGetInt32(out _);
            if (!fits)
            {
                return $"{tool.Name}: expected \"{given.Name}\" as {(type == "string" ? "a text" : "a whole number")}, but a JSON {given.Value.ValueKind.ToString().ToLowerInvariant()} came; correct it.";
            }
        }

        return null;
    }
}
