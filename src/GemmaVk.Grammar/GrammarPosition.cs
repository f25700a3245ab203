using GemmaVk.Grammar.Automata;

namespace GemmaVk.Grammar;

/// <summary>Where a text stands in a <see cref="Constraint"/>.</summary>
public readonly record struct GrammarPosition
{
    internal GrammarPosition(State state) => State = state;

    /// <summary>Whether the text may end here.</summary>
    public bool IsComplete => State.IsComplete;

    /// <summary>Whether nothing may follow but the end.</summary>
    public bool IsEnd => State.IsComplete && State.Bytes.Count == 0;

    internal State State { get; }
}
