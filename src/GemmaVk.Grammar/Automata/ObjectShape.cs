using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Automata;

/// <summary>What an object may hold.</summary>
/// <param name="Declared">The declared properties, in order.</param>
/// <param name="Others">Kinds of properties that are not declared.</param>
/// <param name="Min">Fewest properties.</param>
/// <param name="Max">Most properties, or <see cref="int.MaxValue"/>.</param>
/// <param name="Free">Any string.</param>
/// <param name="Blanks">Whether blanks may stand between marks.</param>
/// <param name="AnyOrder">Whether the declared properties may come in any order.</param>
/// <param name="Calls">Whether it is spelled as in Gemma's tool calls: names without marks, a colon behind them, no blanks.</param>
internal sealed record ObjectShape(Property[] Declared, OtherProperties[] Others, int Min, int Max, LexemeNode Free, bool Blanks, bool AnyOrder, bool Calls);
