using System.Runtime.CompilerServices;
using GemmaVk.Grammar;

namespace GemmaVk.Structured;

/// <summary>
/// A compiled grammar, and what was worked out of it for a vocabulary: states and masks, which all answers share. They go with the vocabulary's engine.
/// </summary>
internal sealed class KnownGrammar(TextGrammar grammar)
{
    private readonly ConditionalWeakTable<Vocabulary, Constraint> _over = [];

    /// <summary>The grammar over a vocabulary.</summary>
    public Constraint Over(Vocabulary vocabulary) => _over.GetValue(vocabulary, key => new Constraint(grammar, key));
}
