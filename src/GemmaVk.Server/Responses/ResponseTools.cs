using System;
using System.Collections.Generic;
using System.Text.Json;
using GemmaVk.Server.Http;
using GemmaVk.Text;

namespace GemmaVk.Server.Responses;

/// <summary>A tool as a request of /v1/responses declares it.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Namespace">The namespace that it was declared in, or null.</param>
/// <param name="IsCustom">Whether it takes one text in place of arguments.</param>
internal sealed record ResponseTool(string Name, string? Namespace, bool IsCustom);

/// <summary>
/// The tools of a request of /v1/responses under the names that the model calls them by. Namespaces are opened, and a custom tool is a function of one text:
/// the model knows neither. What is called is given back as it was declared. Source: the requests of OpenAI's coding agent.
/// </summary>
internal sealed class ResponseTools
{
    // Where no other is named, tools stand here, and keep their names.
    private const string Plain = "functions";
    private const string Input = "input";

    private readonly Dictionary<string, ResponseTool> _tools = [];
    private readonly List<(string Name, JsonElement Declared, bool IsCustom)> _declared = [];

    /// <summary>Tools that run elsewhere, and where they stand in the request.</summary>
    public List<string> Left { get; } = [];

    /// <summary>What the model calls a tool.</summary>
    public static string NameOf(string name, string? place) => place is null or "" or Plain ? name : $"{place}__{name}";

    /// <summary>The tool of a name that the model knows.</summary>
    public ResponseTool Of(string name) => _tools.GetValueOrDefault(name) ?? new ResponseTool(name, null, false);

    /// <summary>Takes the tools of a list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="again">Whether tools may be among them that were declared before.</param>
    /// <param name="place">The namespace they stand in.</param>
    public void Take(IReadOnlyList<JsonElement> list, string path, bool again = false, string? place = null)
    {
        for (int i = 0; i < list.Count; i++)
        {
            string at = $"{path}[{i}]";
            Fields tool = list[i].ValueKind == JsonValueKind.Object ? new Fields(list[i], at) : throw ApiException.Field(at, $"{at}: expected an object, but {Fields.Shown(list[i])} came.");
            string type = tool.Needed("type");
            if (type == "namespace")
            {
                Take(tool.List("tools") ?? [], $"{at}.tools", again, tool.Needed("name"));
            }
            else if (type is not ("function" or "custom"))
            {
                Left.Add($"{at}:{type}");
            }
            else if (NameOf(tool.Needed("name"), place) is var name && _tools.TryAdd(name, new ResponseTool(tool.Needed("name"), place, type == "custom")))
            {
                _declared.Add((name, list[i], type == "custom"));
            }
            else if (!again)
            {
                throw ApiException.Field($"{at}.name", $"{at}.name: a tool \"{name}\" is declared already; give each a name of its own.", "duplicate_tool");
            }
        }
    }

    /// <summary>Writes "tools" as chat completions have them.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("tools");
        foreach ((string name, JsonElement declared, bool isCustom) in _declared)
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", name);
            foreach (JsonProperty field in declared.EnumerateObject())
            {
                if (field.Name is "description" || (!isCustom && field.Name is "parameters" or "strict"))
                {
                    field.WriteTo(json);
                }
            }

            if (isCustom)
            {
                json.WritePropertyName("parameters");
                json.WriteRawValue("""{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}""");
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The text that a call of a custom tool has; its arguments where it has no such text.</summary>
    public static string InputOf(ToolCall call) =>
        call.Arguments.ValueKind == JsonValueKind.Object && call.Arguments.TryGetProperty(Input, out JsonElement text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()! : JsonText.Compact(call.Arguments);

    /// <summary>A text as the arguments of a custom tool.</summary>
    public static JsonElement ArgumentsOf(string text)
    {
        using JsonDocument arguments = JsonBody.Parse(JsonText.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString(Input, text);
            json.WriteEndObject();
        }));
        return arguments.RootElement.Clone();
    }
}
