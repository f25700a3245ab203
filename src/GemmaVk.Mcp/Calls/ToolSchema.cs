using System.Text.Json;
using GemmaVk.Mcp.Servers;
using GemmaVk.Text;

namespace GemmaVk.Mcp.Calls;

/// <summary>Declarations of the program's own tools.</summary>
internal static class ToolSchema
{
    /// <summary>No arguments.</summary>
    public static JsonElement Nothing { get; } = JsonElement.Parse("{}");

    /// <summary>A strict declaration.</summary>
    /// <param name="name">Name of the function.</param>
    /// <param name="description">What it does, for the model.</param>
    /// <param name="schema">JSON Schema of its arguments.</param>
    public static ToolDeclaration Declare(string name, string description, string schema) => McpTool.Declare(name, description, JsonElement.Parse(schema), ICallableTool.Own);

    /// <summary>A text among the arguments, or null.</summary>
    public static string? Text(JsonElement arguments, string name) => arguments.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A whole number among the arguments, or null.</summary>
    public static int? Number(JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : null;
}
