namespace GemmaVk.Grammar.Automata;

/// <summary>Properties that are not declared.</summary>
/// <param name="Name">The names as a lexeme from after the opening mark on, or null for every name but the declared ones.</param>
/// <param name="Value">What they may be.</param>
internal sealed record OtherProperties(LexemeNode? Name, Value Value);
