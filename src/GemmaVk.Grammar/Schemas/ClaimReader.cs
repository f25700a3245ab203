using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using GemmaVk.Grammar.Expressions;

namespace GemmaVk.Grammar.Schemas;

/// <summary>
/// Works claims into a shape, keyword by keyword. What a keyword leaves open becomes a choice. A denied schema is a choice of its denied
/// keywords; a denial that no automaton holds is left out of the choice, so that fewer values can be written, never wrong ones.
/// </summary>
internal sealed partial class ClaimReader(SchemaDocument document, TermTable terms)
{
    /// <summary>Most characters, items or properties that a schema may count.</summary>
    public const int MostCounted = 1_000_000;

    /// <summary>Keywords that say more than an automaton holds.</summary>
    private static readonly Dictionary<string, string> Refused = new()
    {
        ["contains"] = "the items that fit would have to be counted beside what else holds for them",
        ["unevaluatedProperties"] = "what counts as evaluated depends on the value; use additionalProperties",
        ["unevaluatedItems"] = "what counts as evaluated depends on the value; use items",
        ["$dynamicRef"] = "references that depend on where they are reached from are not held; use $ref",
        ["$recursiveRef"] = "references that depend on where they are reached from are not held; use $ref",
        ["extends"] = "it is of draft 3; use allOf",
        ["disallow"] = "it is of draft 3; use not",
        ["divisibleBy"] = "it is of draft 3; use multipleOf",
    };

    private readonly Dictionary<(string, bool), Term> _patterns = [];

    /// <summary>
    /// Whether more than fits is taken rather than less: to know what surely excludes what. Otherwise less is taken, so that what is written fits.
    /// </summary>
    public bool Wide { get; init; }

    /// <summary>Works claims in until no more follow without a choice.</summary>
    public void Add(Shape shape, IEnumerable<Claim> claims)
    {
        var open = new Stack<Claim>(claims.Reverse());
        while (shape.Types != JsonTypes.None && open.TryPop(out Claim? claim))
        {
            if (!shape.Done.Add(claim.Key))
            {
                for (Claim? from = claim.From; from is not null; from = from.From)
                {
                    if (from.Key == claim.Key)
                    {
                        throw Refuse(claim.Part, "$ref", "the schema refers to itself without end: no value lies between");
                    }
                }

                continue;
            }

            if (claim.Part.IsValue)
            {
                AddValue(shape, claim);
                continue;
            }

            switch (claim.Part.Element.ValueKind)
            {
                case JsonValueKind.True or JsonValueKind.False:
                    shape.Only((claim.Part.Element.ValueKind == JsonValueKind.True) == claim.Holds ? JsonTypes.All : JsonTypes.None);
                    break;
                case JsonValueKind.Object when claim.Holds:
                    AddSchema(shape, claim, open);
                    break;
                case JsonValueKind.Object:
                    Deny(shape, claim);
                    break;
                default:
                    throw new GrammarException(claim.Part.Pointer, "schema", $"expected a schema, an object or a boolean, but {claim.Part.Element.ValueKind} came");
            }
        }
    }

    /// <summary>The language of texts in which an expression is found: by every engine, or, widely, by any.</summary>
    public Term Search(string pattern, SchemaPart part, string keyword, bool wide)
    {
        if (!_patterns.TryGetValue((pattern, wide), out Term? term))
        {
            try
            {
                term = Pattern.Search(terms, ExpressionParser.Parse(pattern, terms, wide ? Reading.Wide : Reading.Narrow));
            }
            catch (FormatException e)
            {
                throw Refuse(part, keyword, e.Message);
            }

            _patterns.Add((pattern, wide), term);
        }

        return term;
    }

    public static GrammarException Refuse(SchemaPart part, string keyword, string reason) => new($"{part.Pointer}/{SchemaDocument.Escaped(keyword)}", keyword, reason);

    private void AddSchema(Shape shape, Claim claim, Stack<Claim> open)
    {
        SchemaPart part = claim.Part;
        if (part.Element.TryGetProperty("$ref", out JsonElement reference))
        {
            open.Push(new Claim(document.Resolve(Text(part, "$ref", reference), part.Pointer), true, claim));
            if (!document.SiblingsCount)
            {
                return;
            }
        }

        foreach (JsonProperty keyword in part.Element.EnumerateObject())
        {
            if (!AddKeyword(shape, claim, open, keyword.Name, keyword.Value) && Refused.TryGetValue(keyword.Name, out string? why))
            {
                throw Refuse(part, keyword.Name, why);
            }
        }

        AddPropertyRule(shape, claim);
        AddItemRule(shape, claim);
    }

    private bool AddKeyword(Shape shape, Claim claim, Stack<Claim> open, string keyword, JsonElement value)
    {
        SchemaPart part = claim.Part;
        switch (keyword)
        {
            case "type":
                shape.Only(Types(part, value));
                break;
            case "enum":
                AddEnum(shape, claim, value);
                break;
            case "const":
                open.Push(Value(claim, "const", value));
                break;
            case "minimum" or "exclusiveMinimum" or "maximum" or "exclusiveMaximum" or "multipleOf":
                shape.Numbers = Bound(shape.Numbers, part, keyword, value);
                break;
            case "minLength":
                shape.MinLength = Math.Max(shape.MinLength, Count(part, keyword, value));
                break;
            case "maxLength":
                shape.MaxLength = Math.Min(shape.MaxLength, Count(part, keyword, value));
                break;
            case "pattern":
                shape.Strings.Add(Search(Text(part, keyword, value), part, keyword, Wide));
                break;
            case "format" when value.ValueKind == JsonValueKind.String && (Wide ? Formats.WideOf(value.GetString()!, terms) : Formats.Of(value.GetString()!, terms)) is { } format:
                shape.Strings.Add(format);
                break;
            case "minItems":
                shape.MinItems = Math.Max(shape.MinItems, Count(part, keyword, value));
                break;
            case "maxItems":
                shape.MaxItems = Math.Min(shape.MaxItems, Count(part, keyword, value));
                break;
            case "uniqueItems" when value.ValueKind != JsonValueKind.False:
                // One item is always unique.
                if (!(part.Element.TryGetProperty("maxItems", out JsonElement most) && most.TryGetInt32(out int few) && few <= 1))
                {
                    throw Refuse(part, keyword, "an automaton does not remember which items came; say how many there may be, and what they are");
                }

                break;
            case "minProperties":
                shape.MinProperties = Math.Max(shape.MinProperties, Count(part, keyword, value));
                break;
            case "maxProperties":
                shape.MaxProperties = Math.Min(shape.MaxProperties, Count(part, keyword, value));
                break;
            case "required":
                foreach (string name in Texts(part, keyword, value))
                {
                    shape.Require(name);
                }

                break;
            case "propertyNames":
                shape.Names.Add(Inner(claim, keyword, value));
                break;
            case "allOf":
                foreach (Claim each in Several(claim, keyword, value).Reverse())
                {
                    open.Push(each);
                }

                break;
            case "anyOf":
                shape.Choices.Enqueue([.. Several(claim, keyword, value).Select(each => new Option([each]))]);
                break;
            case "oneOf":
                shape.Choices.Enqueue(OneOf([.. Several(claim, keyword, value)]));
                break;
            case "not":
                open.Push(Same(claim, keyword, value).Not);
                break;
            case "if":
                AddCondition(shape, claim);
                break;
            case "dependentRequired" or "dependentSchemas" or "dependencies":
                AddDependencies(shape, claim, keyword, value);
                break;
            default:
                return false;
        }

        return true;
    }

    private Claim Value(Claim claim, string step, JsonElement value) => new(document.Part(value, $"{claim.Part.Pointer}/{step}", isValue: true), true, claim);

    /// <summary>A claim on the same value.</summary>
    private Claim Same(Claim claim, string keyword, JsonElement schema) => new(document.Part(schema, $"{claim.Part.Pointer}/{keyword}"), true, claim);

    /// <summary>A claim on a value inside.</summary>
    private Claim Inner(Claim claim, string keyword, JsonElement schema) => new(document.Part(schema, $"{claim.Part.Pointer}/{keyword}"), true);

    private Claim Inner(Claim claim, string keyword, JsonProperty member) =>
        new(document.Part(member.Value, $"{claim.Part.Pointer}/{keyword}/{SchemaDocument.Escaped(member.Name)}"), true);

    private IEnumerable<Claim> Several(Claim claim, string keyword, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            throw Refuse(claim.Part, keyword, "expected a list of schemas");
        }

        return value.EnumerateArray().Select((schema, i) => new Claim(document.Part(schema, $"{claim.Part.Pointer}/{keyword}/{i}"), true, claim));
    }

    private static JsonElement.ObjectEnumerator Members(SchemaPart part, string keyword, JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : throw Refuse(part, keyword, "expected an object");

    private static string Text(SchemaPart part, string keyword, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Refuse(part, keyword, "expected a text");

    private static IEnumerable<string> Texts(SchemaPart part, string keyword, JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? value.EnumerateArray().Select(item => item.GetString()!) : throw Refuse(part, keyword, "expected a list of names");

    private static int Count(SchemaPart part, string keyword, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double count) || count < 0 || count != Math.Floor(count))
        {
            throw Refuse(part, keyword, "expected a whole number that is not negative");
        }

        // A most beyond what is counted never binds: no answer is that long. A fewest does.
        return count <= MostCounted ? (int)count
            : keyword.StartsWith("max", StringComparison.Ordinal) ? int.MaxValue
            : throw Refuse(part, keyword, string.Create(CultureInfo.InvariantCulture, $"{count} are more than the {MostCounted} that are counted"));
    }
}
