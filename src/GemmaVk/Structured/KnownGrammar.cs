using System.Threading;
using GemmaVk.Grammar;

namespace GemmaVk.Structured;

/// <summary>A compiled grammar, and what was worked out of it for a vocabulary: states and masks, which all answers share.</summary>
internal sealed class KnownGrammar(TextGrammar grammar)
{
    private readonly Lock _gate = new();
    private Constraint? _newest;

    /// <summary>The grammar over a vocabulary.</summary>
    public Constraint Over(Vocabulary vocabulary)
    {
        lock (_gate)
        {
            return _newest?.Vocabulary == vocabulary ? _newest : _newest = new Constraint(grammar, vocabulary);
        }
    }
}
