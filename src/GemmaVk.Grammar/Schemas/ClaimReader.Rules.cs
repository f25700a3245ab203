using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace GemmaVk.Grammar.Schemas;

/// <summary>Keywords that belong together: conditions, dependencies, what is said of properties and items.</summary>
internal sealed partial class ClaimReader
{
    private void AddCondition(Shape shape, Claim claim)
    {
        JsonElement schema = claim.Part.Element;
        Claim condition = Same(claim, "if", schema.GetProperty("if"));
        Claim[] then = schema.TryGetProperty("then", out JsonElement yes) ? [Same(claim, "then", yes)] : [];
        Claim[] otherwise = schema.TryGetProperty("else", out JsonElement no) ? [Same(claim, "else", no)] : [];
        if (then.Length + otherwise.Length > 0)
        {
            shape.Choices.Enqueue([new Option([condition, .. then]), new Option([condition.Not, .. otherwise])]);
        }
    }

    private void AddDependencies(Shape shape, Claim claim, string keyword, JsonElement value)
    {
        foreach (JsonProperty dependency in Members(claim.Part, keyword, value))
        {
            string name = dependency.Name;
            Option without = new([], other => other.Single.Add((name, null)));
            Option with;
            if (dependency.Value.ValueKind is JsonValueKind.Array or JsonValueKind.String)
            {
                string[] names = dependency.Value.ValueKind == JsonValueKind.String ? [dependency.Value.GetString()!] : [.. Texts(claim.Part, keyword, dependency.Value)];
                with = new Option([], other => RequireAll(other, [name, .. names]));
            }
            else
            {
                with = new Option([new Claim(document.Part(dependency.Value, $"{claim.Part.Pointer}/{keyword}/{SchemaDocument.Escaped(name)}"), true, claim)], other => RequireAll(other, [name]));
            }

            shape.Choices.Enqueue([new Option([], other => other.Only(~JsonTypes.Object)), without, with]);
        }

        static void RequireAll(Shape other, string[] names)
        {
            foreach (string each in names)
            {
                other.Require(each);
            }

            other.Only(JsonTypes.Object);
        }
    }

    private void AddPropertyRule(Shape shape, Claim claim)
    {
        JsonElement schema = claim.Part.Element;
        bool declared = schema.TryGetProperty("properties", out JsonElement properties);
        bool patterned = schema.TryGetProperty("patternProperties", out JsonElement patterns);
        bool others = schema.TryGetProperty("additionalProperties", out JsonElement additional);
        if (declared || patterned || others)
        {
            List<(string Name, Claim Claim)> names = declared ? [.. Members(claim.Part, "properties", properties).Select(each => (each.Name, Inner(claim, "properties", each)))] : [];
            var expressions = new List<(string Pattern, Claim Claim)>();
            foreach (JsonProperty each in patterned ? Members(claim.Part, "patternProperties", patterns) : default)
            {
                (OnlyName(each.Name) is { } name ? names : expressions).Add((OnlyName(each.Name) ?? each.Name, Inner(claim, "patternProperties", each)));
            }

            shape.Properties.Add(new PropertyRule(names, expressions, others ? Inner(claim, "additionalProperties", additional) : null));
        }
    }

    /// <summary>The one name that an expression matches, where it is spelled between anchors.</summary>
    private static string? OnlyName(string pattern) =>
        pattern is ['^', .., '$'] && pattern[1..^1].All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? pattern[1..^1] : null;

    private void AddItemRule(Shape shape, Claim claim)
    {
        JsonElement schema = claim.Part.Element;
        bool tuple = schema.TryGetProperty("prefixItems", out JsonElement first) && first.ValueKind == JsonValueKind.Array;
        string tupleName = "prefixItems";
        string restName = "items";
        if (!tuple && schema.TryGetProperty("items", out first) && first.ValueKind == JsonValueKind.Array)
        {
            (tuple, tupleName, restName) = (true, "items", "additionalItems");
        }

        bool more = schema.TryGetProperty(restName, out JsonElement rest);
        if (tuple || more)
        {
            shape.Items.Add((
                tuple ? [.. first.EnumerateArray().Select((item, i) => new Claim(document.Part(item, $"{claim.Part.Pointer}/{tupleName}/{i}"), true))] : [],
                more ? Inner(claim, restName, rest) : null));
        }
    }
}
