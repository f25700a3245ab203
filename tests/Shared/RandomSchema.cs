using System;
using System.Linq;
using System.Text.Json.Nodes;

namespace GemmaVk.Shared;

/// <summary>Schemas by chance, of everything that is held.</summary>
internal static class RandomSchema
{
    private static readonly string[] Names = ["a", "ab", "b", "name", "names", "é", "a b:c"];
    private static readonly string[] Patterns = ["^[a-c]{1,3}$", "a", "^(x|yy)+$", "\\d-\\d", "^[^a]*$", "^\\w+$", "^\\S{1,4}$", "^.{1,3}$", "[^\\w]$", "^\\D"];
    private static readonly string[] Formats = ["date", "time", "date-time", "duration", "uuid", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "json-pointer"];

    public static JsonObject Of(Random random, int depth = 3)
    {
        JsonObject schema = (depth == 0 ? random.Next(5) : random.Next(15)) switch
        {
            0 => new JsonObject { ["type"] = random.Next(2) == 0 ? "null" : "boolean" },
            1 => Number(random),
            2 => Text(random),
            3 => new JsonObject { ["enum"] = new JsonArray("a", 1, null, true, "ab", -2.5) },
            4 => new JsonObject { ["const"] = random.Next(3) switch { 0 => "x\"y", 1 => 7, _ => new JsonArray(1, "a") } },
            5 or 6 => List(random, depth),
            7 or 8 or 9 => Object(random, depth),
            10 => new JsonObject { [random.Next(2) == 0 ? "anyOf" : "oneOf"] = Several(random, depth) },
            11 => new JsonObject { ["allOf"] = new JsonArray(Of(random, depth - 1), new JsonObject { ["not"] = Of(random, depth - 1) }) },
            12 => new JsonObject { ["if"] = Of(random, depth - 1), ["then"] = Of(random, depth - 1), ["else"] = Of(random, 0) },
            13 => new JsonObject { ["type"] = new JsonArray("string", "number", "array", "object"), ["not"] = Of(random, depth - 1), ["additionalProperties"] = false, ["maxItems"] = 2 },
            _ => new JsonObject { ["type"] = new JsonArray("string", "integer", "object"), ["not"] = Of(random, 0), ["additionalProperties"] = false },
        };
        return schema;
    }

    private static JsonObject Number(Random random)
    {
        var schema = new JsonObject { ["type"] = random.Next(2) == 0 ? "integer" : "number" };
        if (random.Next(2) == 0)
        {
            schema[random.Next(2) == 0 ? "minimum" : "exclusiveMinimum"] = (random.Next(40) - 20) / 4m;
        }

        if (random.Next(2) == 0)
        {
            schema[random.Next(2) == 0 ? "maximum" : "exclusiveMaximum"] = 20 + (random.Next(400) / 4m);
        }

        if (random.Next(4) == 0)
        {
            schema["multipleOf"] = random.Next(2) == 0 ? 3 : 0.5m;
        }

        return schema;
    }

    private static JsonObject Text(Random random)
    {
        var schema = new JsonObject { ["type"] = "string" };
        switch (random.Next(4))
        {
            case 0:
                schema["pattern"] = Patterns[random.Next(Patterns.Length)];
                break;
            case 1:
                schema["format"] = Formats[random.Next(Formats.Length)];
                break;
            case 2:
                schema["minLength"] = random.Next(3);
                schema["maxLength"] = 3 + random.Next(4);
                break;
        }

        return schema;
    }

    private static JsonObject List(Random random, int depth)
    {
        var schema = new JsonObject { ["type"] = "array", ["maxItems"] = 1 + random.Next(3) };
        if (random.Next(3) == 0)
        {
            schema["prefixItems"] = Several(random, depth);
        }

        schema["items"] = Of(random, depth - 1);
        if (random.Next(2) == 0)
        {
            schema["minItems"] = 1;
        }

        return schema;
    }

    public static JsonObject Object(Random random, int depth)
    {
        string[] names = [.. Names.Where(_ => random.Next(2) == 0)];
        var properties = new JsonObject();
        foreach (string name in names)
        {
            properties[name] = Of(random, depth - 1);
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = new JsonArray([.. names.Where(_ => random.Next(2) == 0).Select(name => JsonValue.Create(name))]) };
        switch (random.Next(4))
        {
            case 0:
                schema["additionalProperties"] = Of(random, 0);
                schema["maxProperties"] = names.Length + 1;
                break;
            case 1:
                schema["patternProperties"] = new JsonObject { ["^[b-d]{1,2}$"] = Of(random, 0) };
                schema["additionalProperties"] = false;
                schema["maxProperties"] = names.Length + 2;
                break;
            default:
                schema["additionalProperties"] = false;
                break;
        }

        if (random.Next(4) == 0 && names.Length > 1)
        {
            schema["dependentRequired"] = new JsonObject { [names[0]] = new JsonArray(names[1]) };
        }

        return schema;
    }

    private static JsonArray Several(Random random, int depth) => [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => (JsonNode)Of(random, Math.Max(depth - 1, 0))).ToList()];
}
