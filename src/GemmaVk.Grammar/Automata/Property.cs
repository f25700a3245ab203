namespace GemmaVk.Grammar.Automata;

/// <summary>A declared property of an object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What it may be.</param>
/// <param name="Required">Whether it must come.</param>
internal sealed record Property(string Name, Value Value, bool Required);
