using System.Text;

namespace GemmaVk.Grammar.Tests;

/// <summary>Texts fed to grammars byte by byte.</summary>
internal static class Texts
{
    /// <summary>Whether a grammar takes a text from its first byte to its end.</summary>
    public static bool Takes(this TextGrammar grammar, string text)
    {
        Constraint constraint = new(grammar, Pebble.Vocabulary);
        return text.Length == 0 ? constraint.Start.IsComplete
            : constraint.TryAdvance(constraint.Start, Encoding.UTF8.GetBytes(text), out GrammarPosition end) && end.IsComplete;
    }
}
