using System.Collections.Generic;
using GemmaVk.Grammar.Expressions;

namespace GemmaVk.Grammar.Gbnf;

/// <summary>An expression of a grammar.</summary>
internal abstract record GbnfRule
{
    /// <summary>Characters, or a text, as a language.</summary>
    public sealed record Text(Term Term) : GbnfRule;

    /// <summary>Another rule, by name.</summary>
    public sealed record Reference(string Name, int Line) : GbnfRule;

    /// <summary>One after the other.</summary>
    public sealed record Sequence(IReadOnlyList<GbnfRule> Parts) : GbnfRule;

    /// <summary>One of several.</summary>
    public sealed record Choice(IReadOnlyList<GbnfRule> Parts) : GbnfRule;

    /// <summary>Some number of times.</summary>
    public sealed record Times(GbnfRule Part, int Min, int Max) : GbnfRule;
}
