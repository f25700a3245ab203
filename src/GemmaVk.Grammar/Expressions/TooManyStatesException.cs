using System;

namespace GemmaVk.Grammar.Expressions;

/// <summary>An expression whose intersections or complements need more states than allowed. Whoever knows the place turns it into a refusal.</summary>
internal sealed class TooManyStatesException(int most) : Exception($"needs more than {most} states: shorten its counts, or split it")
{
}
