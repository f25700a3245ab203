using System;
using System.Collections.Generic;
using GemmaVk.Cli.Comparing;

namespace GemmaVk.Cli.Porting;

/// <summary>Published results that a port can be held against.</summary>
/// <param name="Name">Path in the kit, without ending.</param>
/// <param name="What">What it holds.</param>
/// <param name="Units">What the numbers are.</param>
/// <param name="Rule">How far an array may be off; null for one that is an input.</param>
internal sealed record GoldenSet(string Name, string What, string Units, Func<string, IReadOnlyDictionary<string, NumberArray>, ArrayRule?> Rule)
{
    /// <summary>The safetensors file with the arrays, in the kit; null where <see cref="Texts"/> makes them.</summary>
    public string? Arrays { get; init; }

    /// <summary>A JSON file in the kit, and how arrays are made of it.</summary>
    public (string File, Func<System.Text.Json.JsonElement, IEnumerable<NumberArray>> Read)? Texts { get; init; }

    /// <summary>What the names of arrays that are made of JSON begin with: a file without them is not held against the set.</summary>
    public IReadOnlyList<string> Beginnings { get; init; } = [];

    /// <summary>A JSON file with the SHA-256 of arrays that are too large for the kit; null for none.</summary>
    public string? Hashes { get; init; }

    /// <summary>Which of those belong to this set.</summary>
    public Predicate<string> Hashed { get; init; } = _ => false;

    /// <summary>Whether its arrays are those of the tiny model's layers.</summary>
    public bool OfTiny => Name.StartsWith("tiny-cases/", StringComparison.Ordinal);
}
