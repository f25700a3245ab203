using GemmaVk.Grammar.Expressions;

namespace GemmaVk.Grammar.Lexing;

/// <summary>Where a lexeme stands between two bytes: at a term, or inside the spelling of a character.</summary>
/// <param name="Kind">What is being spelled.</param>
/// <param name="Term">The term before the character; for <see cref="SpotKind.Tail"/> and <see cref="SpotKind.HexTail"/> the one after it.</param>
/// <param name="Value">Bits of the character so far.</param>
/// <param name="Left">Bytes, or hexadecimal digits, that are still to come.</param>
/// <param name="Extra">Bytes of the whole spelling, or the first half of a surrogate pair.</param>
internal readonly record struct Spot(SpotKind Kind, Term Term, int Value = 0, int Left = 0, int Extra = 0);
