using System.Numerics;

namespace GemmaVk.Grammar.Automata;

/// <summary>How far an object is.</summary>
/// <param name="Next">In declared order: the first property that may still come.</param>
/// <param name="Seen">In any order: the properties that came, a bit each.</param>
/// <param name="Least">Properties that surely differ by name; counted only where a fewest is asked for.</param>
/// <param name="Most">Properties that came; counted only where a most is asked for.</param>
/// <param name="Other">Whether one that is not declared came.</param>
internal sealed record Progress(int Next, BigInteger Seen, int Least, int Most, bool Other);
