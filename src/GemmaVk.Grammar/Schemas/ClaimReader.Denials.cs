using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Grammar.Expressions;

namespace GemmaVk.Grammar.Schemas;

/// <summary>That a value does not fit, and that it fits one of several alone.</summary>
internal sealed partial class ClaimReader
{
    /// <summary>Whether two claims surely exclude each other; given by whoever can look deeper into values.</summary>
    public Func<Claim, Claim, bool> Exclude { get; set; } = (_, _) => false;

    /// <summary>Each of several, with the others denied where both could hold.</summary>
    private Option[] OneOf(Claim[] claims)
    {
        var options = new Option[claims.Length];
        bool[,] apart = new bool[claims.Length, claims.Length];
        for (int i = 0; i < claims.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                apart[i, j] = apart[j, i] = Exclude(claims[i], claims[j]);
            }
        }

        for (int i = 0; i < claims.Length; i++)
        {
            options[i] = new Option([claims[i], .. claims.Where((_, j) => j != i && !apart[i, j]).Select(other => other.Not)]);
        }

        return options;
    }

    private void Deny(Shape shape, Claim claim)
    {
        SchemaPart part = claim.Part;
        var options = new List<Option>();
        JsonElement schema = part.Element;
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            options.Add(new Option([new Claim(document.Resolve(Text(part, "$ref", reference), part.Pointer), false, claim)]));
            if (!document.SiblingsCount)
            {
                shape.Choices.Enqueue([.. options]);
                return;
            }
        }

        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            DenyKeyword(options, claim, keyword.Name, keyword.Value);
        }

        if (Wide && schema.EnumerateObject().Any(keyword => IsHeldInPart(part, keyword)))
        {
            return;
        }

        if (options.Count == 0)
        {
            shape.Only(JsonTypes.None);
        }
        else
        {
            shape.Choices.Enqueue([.. options]);
        }
    }

    /// <summary>Whether a value may fail a keyword in ways that its denial leaves out.</summary>
    private static bool IsHeldInPart(SchemaPart part, JsonProperty keyword) => keyword.Name switch
    {
        "items" => keyword.Value.ValueKind != JsonValueKind.True && !(keyword.Value.ValueKind == JsonValueKind.False && !part.Element.TryGetProperty("prefixItems", out _)),
        "format" => keyword.Value.ValueKind == JsonValueKind.String && Formats.IsKnown(keyword.Value.GetString()!),
        "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" => keyword.Value.ValueKind == JsonValueKind.Number && (!keyword.Value.TryGetDecimal(out decimal bound) || Math.Abs(bound) > 1e27m),
        "uniqueItems" => keyword.Value.ValueKind != JsonValueKind.False,
        "prefixItems" or "additionalItems" or "unevaluatedItems" or "contains" or "minContains" or "maxContains" => true,
        "patternProperties" or "additionalProperties" or "unevaluatedProperties" or "propertyNames" => true,
        "dependencies" or "dependentSchemas" => true,
        _ => Refused.ContainsKey(keyword.Name),
    };

    private void DenyKeyword(List<Option> options, Claim claim, string keyword, JsonElement value)
    {
        SchemaPart part = claim.Part;
        switch (keyword)
        {
            case "type":
                JsonTypes types = Types(part, value);
                options.Add(new Option([], shape => shape.Only(~types)));
                break;
            case "enum" when value.ValueKind == JsonValueKind.Array:
                options.Add(new Option([.. value.EnumerateArray().Select((item, i) => Value(claim, $"enum/{i}", item).Not)]));
                break;
            case "const":
                options.Add(new Option([Value(claim, "const", value).Not]));
                break;
            case "minimum" or "exclusiveMinimum" or "maximum" or "exclusiveMaximum":
                NumberRange range = Bound(new NumberRange(), part, keyword, value);
                if (range is { Min: not null } or { Max: not null })
                {
                    options.Add(new Option([], shape => Beyond(shape, range)));
                }

                break;
            case "multipleOf":
                NumberRange steps = Bound(new NumberRange(), part, keyword, value);
                options.Add(new Option([], shape => Between(shape, steps.MultiplesOf[0])));
                break;
            case "minLength" when Count(part, keyword, value) is > 0 and int least:
                options.Add(new Option([], shape => Lengths(shape, 0, least - 1)));
                break;
            case "maxLength" when Count(part, keyword, value) is < MostCounted and int most:
                options.Add(new Option([], shape => Lengths(shape, most + 1, Term.Unbounded)));
                break;
            case "pattern":
                Term pattern = Search(Text(part, keyword, value), part, keyword, wide: !Wide);
                options.Add(new Option([], shape => Outside(shape, pattern)));
                break;
            case "format" when value.ValueKind == JsonValueKind.String && (Wide ? Formats.Of(value.GetString()!, terms) : Formats.WideOf(value.GetString()!, terms)) is { } format:
                options.Add(new Option([], shape => Outside(shape, format)));
                break;
            case "minItems" when Count(part, keyword, value) is > 0 and int fewest:
                options.Add(new Option([], shape => Items(shape, 0, fewest - 1)));
                break;
            case "maxItems" when Count(part, keyword, value) is < MostCounted and int many:
                options.Add(new Option([], shape => Items(shape, many + 1, int.MaxValue)));
                break;
            case "items" when value.ValueKind is JsonValueKind.Object or JsonValueKind.False && !part.Element.TryGetProperty("prefixItems", out _):
                Claim item = Inner(claim, keyword, value).Not;
                options.Add(new Option([], shape => FirstItem(shape, item)));
                break;
            case "minProperties" when Count(part, keyword, value) is > 0 and int few:
                options.Add(new Option([], shape => Properties(shape, 0, few - 1)));
                break;
            case "maxProperties" when Count(part, keyword, value) is < MostCounted and int more:
                options.Add(new Option([], shape => Properties(shape, more + 1, int.MaxValue)));
                break;
            case "required":
                options.AddRange(Texts(part, keyword, value).Select(name => new Option([], shape => Without(shape, name))));
                break;
            case "properties":
                options.AddRange(Members(part, keyword, value).Select(member => new Option([], shape => With(shape, member.Name, Inner(claim, keyword, member).Not))));
                break;
            default:
                DenyCombination(options, claim, keyword, value);
                break;
        }
    }

    private void DenyCombination(List<Option> options, Claim claim, string keyword, JsonElement value)
    {
        switch (keyword)
        {
            case "allOf":
                options.AddRange(Several(claim, keyword, value).Select(each => new Option([each.Not])));
                break;
            case "anyOf":
                options.Add(new Option([.. Several(claim, keyword, value).Select(each => each.Not)]));
                break;
            case "oneOf":
                Claim[] claims = [.. Several(claim, keyword, value)];
                options.Add(new Option([.. claims.Select(each => each.Not)]));
                options.AddRange(from i in Enumerable.Range(0, claims.Length) from j in Enumerable.Range(0, i) where !Exclude(claims[i], claims[j]) select new Option([claims[i], claims[j]]));
                break;
            case "not":
                options.Add(new Option([Same(claim, keyword, value)]));
                break;
            case "if":
                Claim condition = Same(claim, keyword, value);
                if (claim.Part.Element.TryGetProperty("then", out JsonElement then))
                {
                    options.Add(new Option([condition, Same(claim, "then", then).Not]));
                }

                if (claim.Part.Element.TryGetProperty("else", out JsonElement otherwise))
                {
                    options.Add(new Option([condition.Not, Same(claim, "else", otherwise).Not]));
                }

                break;
            case "dependentRequired":
                foreach (JsonProperty dependency in Members(claim.Part, keyword, value))
                {
                    foreach (string name in Texts(claim.Part, keyword, dependency.Value))
                    {
                        options.Add(new Option([], shape => WithAndWithout(shape, dependency.Name, name)));
                    }
                }

                break;
        }
    }

    private static void WithAndWithout(Shape shape, string with, string without)
    {
        Without(shape, without);
        shape.Require(with);
    }

    private static void Beyond(Shape shape, NumberRange range)
    {
        shape.Only(JsonTypes.Number);
        shape.Numbers = range.Min is { } min ? shape.Numbers.AtMost(min, !range.AboveMin) : shape.Numbers.AtLeast(range.Max!.Value, !range.BelowMax);
    }

    private static void Between(Shape shape, decimal step)
    {
        shape.Only(JsonTypes.Number);
        shape.Numbers = shape.Numbers with { NotMultiplesOf = shape.Numbers.NotMultiplesOf.Add(step) };
    }

    private static void Lengths(Shape shape, int min, int max)
    {
        shape.Only(JsonTypes.String);
        shape.MinLength = Math.Max(shape.MinLength, min);
        shape.MaxLength = Math.Min(shape.MaxLength, max);
    }

    private void Outside(Shape shape, Term pattern)
    {
        shape.Only(JsonTypes.String);
        shape.Strings.Add(terms.Not(pattern));
    }

    private static void FirstItem(Shape shape, Claim item)
    {
        Items(shape, 1, int.MaxValue);
        shape.Items.Add(([item], null));
    }

    private static void Properties(Shape shape, int min, int max)
    {
        shape.Only(JsonTypes.Object);
        shape.MinProperties = Math.Max(shape.MinProperties, min);
        shape.MaxProperties = Math.Min(shape.MaxProperties, max);
    }
}
