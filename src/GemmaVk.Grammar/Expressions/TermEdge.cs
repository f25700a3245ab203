namespace GemmaVk.Grammar.Expressions;

/// <summary>From a term, with a character of a range, to its derivative.</summary>
internal readonly record struct TermEdge(int Low, int High, Term Next);
