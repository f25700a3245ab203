using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace GemmaVk.Grammar.Schemas;

/// <summary>Types, bounds, and values that another must equal.</summary>
internal sealed partial class ClaimReader
{
    private static JsonTypes Types(SchemaPart part, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            return value.EnumerateArray().Aggregate(JsonTypes.None, (types, one) => types | Types(part, one));
        }

        return (value.ValueKind == JsonValueKind.String ? value.GetString() : null) switch
        {
            "null" => JsonTypes.Null,
            "boolean" => JsonTypes.Boolean,
            "integer" => JsonTypes.Integer,
            "number" => JsonTypes.Number,
            "string" => JsonTypes.String,
            "array" => JsonTypes.Array,
            "object" => JsonTypes.Object,
            _ => throw Refuse(part, "type", $"expected null, boolean, integer, number, string, array or object, but {value.GetRawText()} came"),
        };
    }

    private static NumberRange Bound(NumberRange range, SchemaPart part, string keyword, JsonElement value)
    {
        JsonElement schema = part.Element;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False && keyword.StartsWith("exclusive", StringComparison.Ordinal))
        {
            // Draft 4: it says how minimum is meant.
            return range;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            throw Refuse(part, keyword, "expected a number");
        }

        bool minimum = keyword is "minimum" or "exclusiveMinimum";
        if (!decimal.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal bound) || Math.Abs(bound) > 1e27m)
        {
            // No number that is written has that many digits: such a bound holds always or never.
            bool positive = value.GetDouble() > 0;
            return keyword == "multipleOf" ? throw Refuse(part, keyword, "the number is too large")
                : positive == minimum ? range with { Only = [] } : range;
        }

        if (keyword == "multipleOf")
        {
            return bound > 0 ? range with { MultiplesOf = range.MultiplesOf.Add(bound) } : throw Refuse(part, keyword, "expected a number above 0");
        }

        string flag = minimum ? "exclusiveMinimum" : "exclusiveMaximum";
        bool strict = keyword == flag || (schema.TryGetProperty(flag, out JsonElement set) && set.ValueKind == JsonValueKind.True);
        return minimum ? range.AtLeast(bound, strict) : range.AtMost(bound, strict);
    }

    private void AddEnum(Shape shape, Claim claim, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Refuse(claim.Part, "enum", "expected a list of values");
        }

        var options = new List<Option>();
        JsonElement[] scalars = [.. value.EnumerateArray().Where(item => item.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object))];
        if (scalars.Length > 0)
        {
            options.Add(new Option([], other => OnlyScalars(other, scalars)));
        }

        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (item.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
            {
                options.Add(new Option([Value(claim, $"enum/{index}", item)]));
            }

            index++;
        }

        if (options is [{ Restrict: { } only, Claims: [] }])
        {
            only(shape);
        }
        else
        {
            shape.Choices.Enqueue([.. options]);
        }
    }

    private void OnlyScalars(Shape shape, JsonElement[] values)
    {
        JsonTypes types = JsonTypes.None;
        var strings = new List<string>();
        var numbers = new List<(decimal, string)>();
        foreach (JsonElement value in values)
        {
            types |= TypeOf(value);
            if (value.ValueKind == JsonValueKind.String)
            {
                strings.Add(value.GetString()!);
            }
            else if (value.ValueKind == JsonValueKind.Number && decimal.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number))
            {
                numbers.Add((number, value.GetRawText()));
            }
        }

        shape.Only(types);
        if ((shape.Types & JsonTypes.String) != 0)
        {
            shape.Strings.Add(terms.Texts(strings));
        }

        if ((shape.Types & JsonTypes.Number) != 0)
        {
            shape.Numbers = shape.Numbers with { Only = shape.Numbers.Only is { } only ? only.RemoveAll(one => !numbers.Exists(other => other.Item1 == one.Value)) : [.. numbers] };
        }
    }

    private static JsonTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonTypes.Null,
        JsonValueKind.True => JsonTypes.True,
        JsonValueKind.False => JsonTypes.False,
        JsonValueKind.String => JsonTypes.String,
        JsonValueKind.Array => JsonTypes.Array,
        JsonValueKind.Object => JsonTypes.Object,
        _ => decimal.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && decimal.Truncate(number) == number
            ? JsonTypes.Integer : JsonTypes.Fraction,
    };

    private void AddValue(Shape shape, Claim claim)
    {
        JsonElement value = claim.Part.Element;
        if (!claim.Holds)
        {
            DenyValue(shape, claim);
            return;
        }

        shape.Only(TypeOf(value));
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                int count = value.GetArrayLength();
                shape.MinItems = Math.Max(shape.MinItems, count);
                shape.MaxItems = Math.Min(shape.MaxItems, count);
                shape.Items.Add(([.. value.EnumerateArray().Select((item, i) => Value(claim, $"{i}", item) with { From = null })], null));
                break;
            case JsonValueKind.Object:
                JsonProperty[] members = [.. value.EnumerateObject()];
                shape.Properties.Add(new PropertyRule(
                    [.. members.Select(member => (member.Name, Value(claim, SchemaDocument.Escaped(member.Name), member.Value) with { From = null }))], [], new Claim(document.False, true)));
                foreach (JsonProperty member in members)
                {
                    shape.Require(member.Name);
                }

                break;
            default:
                OnlyScalars(shape, [value]);
                break;
        }
    }

    private void DenyValue(Shape shape, Claim claim)
    {
        JsonElement value = claim.Part.Element;
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                shape.Strings.Add(terms.Not(terms.Texts([value.GetString()!])));
                break;
            case JsonValueKind.Number:
                if (decimal.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number))
                {
                    shape.Numbers = shape.Numbers with { Not = shape.Numbers.Not.Add(number) };
                }

                break;
            case JsonValueKind.Array when Wide:
                // Other items of the same number would do as well.
                break;
            case JsonValueKind.Array:
                int count = value.GetArrayLength();
                var options = new List<Option> { new([], other => other.Only(~JsonTypes.Array)), new([], other => Items(other, count + 1, int.MaxValue)) };
                if (count > 0)
                {
                    options.Add(new Option([], other => Items(other, 0, count - 1)));
                }

                shape.Choices.Enqueue([.. options]);
                break;
            case JsonValueKind.Object when Wide:
                // More members would do as well.
                break;
            case JsonValueKind.Object:
                shape.Choices.Enqueue(
                [
                    new Option([], other => other.Only(~JsonTypes.Object)),
                    .. value.EnumerateObject().Select(member => new Option([], other => Without(other, member.Name))),
                    .. value.EnumerateObject().Select(member => new Option([], other => With(other, member.Name, Value(claim, SchemaDocument.Escaped(member.Name), member.Value).Not with { From = null }))),
                ]);
                break;
            default:
                shape.Only(~TypeOf(value));
                break;
        }
    }

    private static void Items(Shape shape, int min, int max)
    {
        shape.Only(JsonTypes.Array);
        shape.MinItems = Math.Max(shape.MinItems, min);
        shape.MaxItems = Math.Min(shape.MaxItems, max);
    }

    private static void Without(Shape shape, string name)
    {
        shape.Only(JsonTypes.Object);
        shape.Single.Add((name, null));
    }

    private static void With(Shape shape, string name, Claim claim)
    {
        shape.Only(JsonTypes.Object);
        shape.Require(name);
        shape.Single.Add((name, claim));
    }
}
