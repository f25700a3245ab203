using System;
using System.Collections.Generic;
using System.Text.Json;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Prompting;

/// <summary>A tool as it was declared.</summary>
/// <param name="Declaration">For the chat template.</param>
/// <param name="Json">As the file has it.</param>
internal sealed record OfferedTool(ToolDeclaration Declaration, JsonElement Json);

/// <summary>A file of tools: OpenAI's <c>[{"type": "function", "function": {...}}]</c>, bare functions, or a request with "tools".</summary>
internal static class ToolFile
{
    /// <summary>Reads it, and writes each tool once, so that what is wrong with one is said with its file.</summary>
    /// <exception cref="GemmaVkException">It is no JSON, or not of tools.</exception>
    public static IReadOnlyList<OfferedTool> Read(string flag, string path)
    {
        List<OfferedTool> tools = [];
        HashSet<string> names = [];
        foreach (JsonElement json in JsonValues.Read(flag, path, "tools"))
        {
            try
            {
                ToolDeclaration tool = json.ValueKind == JsonValueKind.Object
                    ? new ToolDeclaration(json)
                    : throw new TextException($"expected an object with name, description and parameters, but a JSON {json.ValueKind.ToString().ToLowerInvariant()} came.");
                CheckParameters(json);
                ChatTemplate.Render([], [tool]);
                tools.Add(names.Add(tool.Name) ? new OfferedTool(tool, json) : throw new TextException($"the name {tool.Name} is taken by a tool before it; rename one."));
            }
            catch (Exception e) when (e is TextException or InvalidOperationException)
            {
                throw new GemmaVkException($"{flag} {path}, tool {tools.Count + 1}: {e.Message}", e);
            }
        }

        return tools;
    }

    private static void CheckParameters(JsonElement tool)
    {
        JsonElement function = tool.TryGetProperty("function", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? inner : tool;
        if (function.TryGetProperty("parameters", out JsonElement parameters) && parameters.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
        {
            throw new TextException($"expected \"parameters\" as an object, a JSON schema, but a JSON {parameters.ValueKind.ToString().ToLowerInvariant()} came; a function without any has {{}}.");
        }
    }
}
