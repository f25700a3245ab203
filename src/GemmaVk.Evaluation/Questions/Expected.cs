using System.Collections.Generic;
using System.Text.Json;
using System.Text.RegularExpressions;
using GemmaVk.Grammar;

namespace GemmaVk.Evaluation.Questions;

/// <summary>What a question wants for an answer.</summary>
/// <param name="Kind">How the answer is judged; the members that belong to it are set.</param>
public sealed record Expected(ExpectedKind Kind)
{
    /// <summary>Of <see cref="ExpectedKind.Exact"/> the texts that are right, of <see cref="ExpectedKind.Contains"/> those that must be there, of <see cref="ExpectedKind.Choices"/> the continuations.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>Which of the continuations is right.</summary>
    public int Right { get; init; }

    /// <summary>The expression; it takes time in proportion to the answer.</summary>
    public Regex? Expression { get; init; }

    /// <summary>The schema, as what takes its JSON with properties in any order.</summary>
    public TextGrammar? Schema { get; init; }

    /// <summary>Name of the tool.</summary>
    public string Tool { get; init; } = "";

    /// <summary>Its arguments.</summary>
    public JsonElement Arguments { get; init; }

    /// <summary>What was said.</summary>
    public string Transcript { get; init; } = "";
}
