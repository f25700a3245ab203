using System.Collections.Generic;
using System.Text.Json;
using GemmaVk.Grammar.Expressions;

namespace GemmaVk.Grammar.Schemas;

/// <summary>One way a value may be, with everything that is claimed of it and no alternative left.</summary>
internal sealed class Shape
{
    public JsonTypes Types { get; set; } = JsonTypes.All;

    /// <summary>The claims that were worked in.</summary>
    public HashSet<int> Done { get; private init; } = [];

    /// <summary>Choices that were not made yet.</summary>
    public Queue<Option[]> Choices { get; private init; } = new();

    public NumberRange Numbers { get; set; } = new();

    /// <summary>Languages that a string must be in, all of them.</summary>
    public List<Term> Strings { get; private init; } = [];

    public int MinLength { get; set; }

    public int MaxLength { get; set; } = Term.Unbounded;

    public int MinItems { get; set; }

    public int MaxItems { get; set; } = int.MaxValue;

    /// <summary>Rules on items: claims on the first ones, and on the rest.</summary>
    public List<(Claim[] First, Claim? After)> Items { get; private init; } = [];

    public int MinProperties { get; set; }

    public int MaxProperties { get; set; } = int.MaxValue;

    public List<string> Required { get; private init; } = [];

    /// <summary>Rules on properties: a schema's properties, patternProperties and additionalProperties, which belong together.</summary>
    public List<PropertyRule> Properties { get; private init; } = [];

    /// <summary>Claims on single properties.</summary>
    public List<(string Name, Claim? Claim)> Single { get; private init; } = [];

    /// <summary>Claims on names of properties.</summary>
    public List<Claim> Names { get; private init; } = [];

    public Shape Copy() => new()
    {
        Types = Types,
        Done = [.. Done],
        Choices = new Queue<Option[]>(Choices),
        Numbers = Numbers,
        Strings = [.. Strings],
        MinLength = MinLength,
        MaxLength = MaxLength,
        MinItems = MinItems,
        MaxItems = MaxItems,
        Items = [.. Items],
        MinProperties = MinProperties,
        MaxProperties = MaxProperties,
        Required = [.. Required],
        Properties = [.. Properties],
        Single = [.. Single],
        Names = [.. Names],
    };

    public void Only(JsonTypes types) => Types &= types;

    public void Require(string name)
    {
        if (!Required.Contains(name))
        {
            Required.Add(name);
        }
    }
}
