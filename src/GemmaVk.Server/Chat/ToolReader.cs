using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Server.Http;
using GemmaVk.Structured;
using GemmaVk.Text;

namespace GemmaVk.Server.Chat;

/// <summary>What a request says about tools and the form of the answer.</summary>
/// <param name="Declared">Tools that are told to the model.</param>
/// <param name="Use">Whether some are called.</param>
/// <param name="Only">The one that must be, or null.</param>
/// <param name="Several">Whether an answer may make more than one call.</param>
internal sealed record ToolWish(IReadOnlyList<ToolDeclaration> Declared, ToolUse Use, string? Only, bool Several)
{
    /// <summary>The shape that these and a body make.</summary>
    public AnswerShape? Shape(AnswerShape? body) => body is not null ? body.WithTools(Declared, Use, Only, Several)
        : Declared.Count == 0 && Use != ToolUse.Required && Only is null ? null
        : AnswerShape.OfTools(Declared, Use, Only, Several);
}

/// <summary>Reads tools, tool_choice, parallel_tool_calls and response_format.</summary>
internal static class ToolReader
{
    /// <summary>The tools and the choice among them.</summary>
    public static ToolWish Read(Fields body)
    {
        List<ToolDeclaration> tools = [];
        foreach ((JsonElement item, int i) in (body.List("tools") ?? []).Select((item, i) => (item, i)))
        {
            string path = $"tools[{i}]";
            string type = item.ValueKind == JsonValueKind.Object ? new Fields(item, path).Needed("type") : throw ApiException.Field(path, $"{path}: expected an object, but {Fields.Shown(item)} came.");
            if (type != "function")
            {
                throw ApiException.Field($"{path}.type", $"{path}.type: expected function, but \"{type}\" came; take the tool out.", "unsupported_tool");
            }

            Fields function = new Fields(item, path).Object("function") ?? throw ApiException.Field($"{path}.function", $"{path}.function is missing: expected name, description and parameters; give them.");
            Add(tools, Declare(item, function, path), function.Path("name"));
        }

        (ToolUse use, string? only, HashSet<string>? allowed) = Choice(body);
        IReadOnlyList<ToolDeclaration> declared = allowed is null ? tools : [.. tools.Where(tool => allowed.Contains(tool.Name))];
        if (use == ToolUse.Required && declared.Count == 0)
        {
            throw ApiException.Field("tool_choice", "tool_choice: a call is required, but no tool is declared; declare it in tools.");
        }

        if (only is not null && !tools.Any(tool => tool.Name == only))
        {
            throw ApiException.Field("tool_choice", $"tool_choice: expected one of the declared tools, but \"{only}\" came; name one of them.");
        }

        return new ToolWish(use == ToolUse.None ? [] : declared, use, only, body.Flag("parallel_tool_calls") ?? true);
    }

    /// <summary>Adds a tool.</summary>
    /// <exception cref="ApiException">There is one of that name: a call would not say which is meant.</exception>
    public static void Add(List<ToolDeclaration> tools, ToolDeclaration tool, string path)
    {
        if (tools.Exists(other => other.Name == tool.Name))
        {
            throw ApiException.Field(path, $"{path}: a tool \"{tool.Name}\" is declared already; give each a name of its own.", "duplicate_tool");
        }

        tools.Add(tool);
    }

    /// <summary>A tool, with its name and schema checked.</summary>
    public static ToolDeclaration Declare(JsonElement declaration, Fields function, string path)
    {
        string name = function.Needed("name");
        if (name.Length is 0 or > 128 || name.Any(c => !(char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':' or '/')))
        {
            throw ApiException.Field(function.Path("name"), $"{function.Path("name")}: expected up to 128 of a-z, A-Z, 0-9, _, -, ., : and /, but \"{name}\" came.");
        }

        try
        {
            return new ToolDeclaration(declaration.Clone());
        }
        catch (TextException e)
        {
            throw ApiException.Field(path, $"{path}: {e.Message}");
        }
    }

    /// <summary>What the answer's text may be, or null for anything.</summary>
    public static AnswerShape? Format(Fields body)
    {
        (string Field, AnswerShape Shape)[] shapes =
        [
            .. Of("response_format", () => ResponseFormat(body)),
            .. Of("json_schema", () => body.Any("json_schema") is { } schema ? AnswerShape.OfSchema(schema, "json_schema") : null),
            .. Of("guided_json", () => body.Any("guided_json") is { } schema ? AnswerShape.OfSchema(schema, "guided_json") : null),
            .. Of("grammar", () => body.Text("grammar") is { Length: > 0 } grammar ? AnswerShape.OfGrammar(grammar, "grammar") : null),
            .. Of("guided_regex", () => body.Text("guided_regex") is { } expression ? AnswerShape.OfExpression(expression, "guided_regex") : null),
        ];
        return shapes.Length <= 1 ? shapes.FirstOrDefault().Shape
            : throw ApiException.Field(shapes[1].Field, $"{shapes[0].Field} and {shapes[1].Field}: expected one of them, because each says what the answer is; drop one.");
    }

    /// <summary>The shape of OpenAI's json_schema: {"name", "strict", "schema"}.</summary>
    public static AnswerShape OfNamedSchema(Fields format)
    {
        JsonElement schema = format.Any("schema") ?? throw ApiException.Field(format.Path("schema"), $"{format.Path("schema")} is missing: expected a JSON Schema; give it.");
        return Held(format.Path("schema"), () => AnswerShape.OfSchema(schema, format.Path("schema")))!;
    }

    private static AnswerShape? ResponseFormat(Fields body)
    {
        if (body.Object("response_format") is not { } format)
        {
            return null;
        }

        return format.Needed("type") switch
        {
            "text" => null,
            "json_object" => format.Any("schema") is { } schema ? AnswerShape.OfSchema(schema, format.Path("schema")) : AnswerShape.JsonObject(),
            "json_schema" => OfNamedSchema(format.Object("json_schema") ?? throw ApiException.Field("response_format.json_schema", "response_format.json_schema is missing: expected name and schema; give them.")),
            var other => throw ApiException.Field("response_format.type", $"response_format.type: expected text, json_object or json_schema, but \"{other}\" came."),
        };
    }

    private static IEnumerable<(string, AnswerShape)> Of(string field, System.Func<AnswerShape?> make) =>
        Held(field, make) is { } shape ? [(field, shape)] : [];

    /// <summary>Makes a shape; what cannot be held is the field's fault.</summary>
    private static AnswerShape? Held(string field, System.Func<AnswerShape?> make)
    {
        try
        {
            return make();
        }
        catch (Tensors.GemmaVkException e)
        {
            throw ApiException.Field(field, e.Message, "unsupported_schema");
        }
    }

    private static (ToolUse Use, string? Only, HashSet<string>? Allowed) Choice(Fields body)
    {
        if (body.Any("tool_choice") is not { } choice)
        {
            return (ToolUse.Auto, null, null);
        }

        if (choice.ValueKind == JsonValueKind.String)
        {
            return (Mode(body.Text("tool_choice")!), null, null);
        }

        Fields chosen = body.Object("tool_choice")!;
        switch (chosen.Needed("type"))
        {
            case "function":
                return (ToolUse.Required, (chosen.Object("function") ?? chosen).Needed("name"), null);
            case "allowed_tools":
                Fields allowed = chosen.Object("allowed_tools") ?? chosen;
                IEnumerable<Fields> tools = (allowed.List("tools") ?? []).Select(tool => new Fields(tool, allowed.Path("tools")));
                return (Mode(allowed.Text("mode") ?? "auto"), null, [.. tools.Select(tool => (tool.Object("function") ?? tool).Needed("name"))]);
            default:
                return (Mode(chosen.Needed("type")), null, null);
        }
    }

    private static ToolUse Mode(string word) => word switch
    {
        "auto" => ToolUse.Auto,
        "none" => ToolUse.None,
        "required" or "any" => ToolUse.Required,
        _ => throw ApiException.Field("tool_choice", $"tool_choice: expected auto, none, required or a function, but \"{word}\" came."),
    };
}
