using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace GemmaVk.Text;

/// <summary>
/// A tool that the model may call, written as one declaration in the system turn. Which schema keywords are kept, and where, follows the
/// published template of July 2026, its odd places included (an object without properties lists its own leftover keywords).
/// </summary>
public sealed class ToolDeclaration
{
    /// <summary>Keywords that are not listed as properties when an object has no "properties" of its own.</summary>
    private static readonly HashSet<string> Keywords = ["description", "type", "properties", "required", "nullable"];

    private readonly JsonElement _function;

    /// <summary>Takes {"type": "function", "function": {...}} or the inner object with name, description, parameters, response.</summary>
    /// <exception cref="TextException">There is no function with a name, or something in it is no text.</exception>
    public ToolDeclaration(JsonElement tool)
    {
        JsonValueWriter.Check(tool, "A tool");
        _function = Get(tool, "function") is { ValueKind: JsonValueKind.Object } inner ? inner : tool;
        if (Get(_function, "name") is not { ValueKind: JsonValueKind.String } name)
        {
            throw new TextException("A tool has no \"name\"; expected {\"type\": \"function\", \"function\": {\"name\": ..., \"description\": ..., \"parameters\": {...}}}.");
        }

        Name = JsonValueWriter.Text(name);
    }

    /// <summary>Name of the function.</summary>
    public string Name { get; }

    /// <summary>JSON Schema of its arguments, or null without one.</summary>
    public JsonElement? Parameters => Get(_function, "parameters") is { ValueKind: JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False } schema ? schema : null;

    /// <summary>Whether "strict" is true: arguments of its calls are held to the schema.</summary>
    public bool IsStrict => Get(_function, "strict").ValueKind == JsonValueKind.True;

    /// <summary>The function as it was given: name, description, parameters, response.</summary>
    public JsonElement Function => _function;

    internal void Write(ChatPrompt.Writer writer)
    {
        writer.Template(ControlText.ToolOpen + "declaration:");
        writer.Caller(Name);
        writer.Template("{description:");
        writer.Quoted(Words(Get(_function, "description")));
        JsonElement parameters = Get(_function, "parameters");
        if (IsTrue(parameters))
        {
            WriteParameters(writer, parameters);
        }

        JsonElement response = Get(_function, "response");
        if (response.ValueKind != JsonValueKind.Undefined)
        {
            writer.Template(",response:{");
            if (IsTrue(Get(response, "description")))
            {
                writer.Template("description:");
                writer.Quoted(Words(Get(response, "description")));
                writer.Template(",");
            }

            if (Upper(Get(response, "type")) == "OBJECT")
            {
                writer.Template("type:");
                writer.Quoted("OBJECT");
                writer.Template("}");
            }
        }

        writer.Template("}" + ControlText.ToolClose);
    }

    private static void WriteParameters(ChatPrompt.Writer writer, JsonElement parameters)
    {
        writer.Template(",parameters:{");
        if (IsTrue(Get(parameters, "properties")))
        {
            writer.Template("properties:{");
            WriteProperties(writer, Get(parameters, "properties"), leftovers: false);
            writer.Template("},");
        }

        if (IsTrue(Get(parameters, "required")))
        {
            WriteRequired(writer, Get(parameters, "required"));
            writer.Template(",");
        }

        if (IsTrue(Get(parameters, "type")))
        {
            writer.Template("type:");
            writer.Quoted(Upper(Get(parameters, "type")));
            writer.Template("}");
        }
    }

    private static void WriteProperties(ChatPrompt.Writer writer, JsonElement properties, bool leftovers)
    {
        if (properties.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        string comma = "";
        foreach ((string name, JsonElement schema) in JsonValueWriter.Sorted(properties))
        {
            if (leftovers && Keywords.Contains(name))
            {
                continue;
            }

            writer.Template(comma);
            writer.Caller(name);
            writer.Template(":{");
            WriteSchema(writer, schema);
            writer.Template("}");
            comma = ",";
        }
    }

    private static void WriteSchema(ChatPrompt.Writer writer, JsonElement schema)
    {
        string type = Upper(Get(schema, "type"));
        if (IsTrue(Get(schema, "description")))
        {
            writer.Template("description:");
            writer.Quoted(Words(Get(schema, "description")));
            writer.Template(",");
        }

        if (type == "STRING" && IsTrue(Get(schema, "enum")))
        {
            writer.Template("enum:");
            JsonValueWriter.Write(writer, Get(schema, "enum"), quoteKeys: true);
            writer.Template(",");
        }

        if (type == "ARRAY" && Get(schema, "items") is { ValueKind: JsonValueKind.Object } items && IsTrue(items))
        {
            writer.Template("items:{");
            WriteItems(writer, items);
            writer.Template("},");
        }

        if (IsTrue(Get(schema, "nullable")))
        {
            writer.Template("nullable:true,");
        }

        if (type == "OBJECT")
        {
            JsonElement properties = Get(schema, "properties");
            bool own = properties.ValueKind == JsonValueKind.Object;
            writer.Template("properties:{");
            WriteProperties(writer, own ? properties : schema, leftovers: !own);
            writer.Template("},");
            if (IsTrue(Get(schema, "required")))
            {
                WriteRequired(writer, Get(schema, "required"));
                writer.Template(",");
            }
        }

        writer.Template("type:");
        writer.Quoted(type);
    }

    /// <summary>What an array holds: every keyword that is not null.</summary>
    private static void WriteItems(ChatPrompt.Writer writer, JsonElement items)
    {
        string comma = "";
        foreach ((string key, JsonElement value) in JsonValueWriter.Sorted(items).Where(pair => pair.Value.ValueKind != JsonValueKind.Null))
        {
            writer.Template(comma);
            comma = ",";
            switch (key)
            {
                case "properties":
                    writer.Template("properties:{");
                    WriteProperties(writer, value, leftovers: false);
                    writer.Template("}");
                    break;
                case "required":
                    WriteRequired(writer, value);
                    break;
                case "type" when value.ValueKind == JsonValueKind.Array:
                    writer.Template("type:[");
                    WriteQuoted(writer, value.EnumerateArray().Select(Upper));
                    writer.Template("]");
                    break;
                case "type":
                    writer.Template("type:");
                    writer.Quoted(Upper(value));
                    break;
                default:
                    writer.Caller(key);
                    writer.Template(":");
                    JsonValueWriter.Write(writer, value, quoteKeys: true);
                    break;
            }
        }
    }

    private static void WriteRequired(ChatPrompt.Writer writer, JsonElement required)
    {
        if (required.ValueKind != JsonValueKind.Array)
        {
            throw new TextException($"A tool's \"required\" is {required.GetRawText()}; expected a list of property names.");
        }

        writer.Template("required:[");
        WriteQuoted(writer, required.EnumerateArray().Select(Words));
        writer.Template("]");
    }

    private static void WriteQuoted(ChatPrompt.Writer writer, IEnumerable<string> texts)
    {
        string comma = "";
        foreach (string text in texts)
        {
            writer.Template(comma);
            writer.Quoted(text);
            comma = ",";
        }
    }

    private static JsonElement Get(JsonElement owner, string key) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(key, out JsonElement value) ? value : default;

    /// <summary>Python's truth of a value: empty strings, lists, objects, zero, false and null are not.</summary>
    private static bool IsTrue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => !value.ValueEquals(""),
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.GetPropertyCount() > 0,
        JsonValueKind.Number => value.GetDouble() != 0,
        JsonValueKind.True => true,
        _ => false,
    };

    /// <summary>The text of a string; a list as Python prints one, which is how a list of types appears.</summary>
    private static string Words(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.String => JsonValueWriter.Text(value),
        JsonValueKind.Array => "[" + string.Join(", ", value.EnumerateArray().Select(item => $"'{Words(item)}'")) + "]",
        JsonValueKind.Object => throw new TextException($"A tool has {value.GetRawText()} where a text was expected; correct its schema."),
        _ => JsonValueWriter.Scalar(value),
    };

    private static string Upper(JsonElement value) => Words(value).ToUpperInvariant();
}
