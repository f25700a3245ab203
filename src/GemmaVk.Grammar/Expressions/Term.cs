namespace GemmaVk.Grammar.Expressions;

/// <summary>
/// A regular language over characters, as an expression that is made once per <see cref="TermTable"/>: equal terms are the same object.
/// A term is a state of the automaton that recognises it; the next state is its derivative.
/// Source: Brzozowski, Derivatives of Regular Expressions (1964); Owens, Reppy, Turon, Regular-expression derivatives re-examined (2009).
/// </summary>
internal sealed class Term
{
    /// <summary>No bound.</summary>
    public const int Unbounded = int.MaxValue;

    internal Term(int id, TermKind kind, CodeSet? set, Term[] parts, int min, int max)
    {
        Id = id;
        Kind = kind;
        Set = set;
        Parts = parts;
        Min = min;
        Max = max;
    }

    public int Id { get; }

    public TermKind Kind { get; }

    /// <summary>The characters of a <see cref="TermKind.Set"/>.</summary>
    public CodeSet? Set { get; }

    public Term[] Parts { get; }

    /// <summary>Fewest repetitions; of <see cref="TermKind.Digits"/> the divisor.</summary>
    public int Min { get; }

    /// <summary>Most repetitions; of <see cref="TermKind.Digits"/> the remainder that is still to become zero.</summary>
    public int Max { get; }

    /// <summary>Whether the empty text belongs to it.</summary>
    public bool Nullable { get; internal init; }

    /// <summary>Whether it holds an intersection or a complement; one without is never empty, unless it is <see cref="TermKind.Nothing"/>.</summary>
    public bool HasLogic { get; internal init; }

    /// <summary>Length of the shortest text, in characters.</summary>
    public int Shortest { get; internal init; }

    /// <summary>Length of the longest text, or <see cref="Unbounded"/>.</summary>
    public int Longest { get; internal init; }

    /// <summary>Whether surely some text has each length between the shortest and the longest.</summary>
    public bool EveryLength { get; internal init; }

    /// <summary>Whether some text belongs to it; unknown for logic that nobody has followed yet.</summary>
    public bool? Live { get; internal set; }

    /// <summary>The outgoing edges once they are known.</summary>
    internal TermEdge[]? Edges { get; set; }

    public bool IsNothing => Kind == TermKind.Nothing;
}
