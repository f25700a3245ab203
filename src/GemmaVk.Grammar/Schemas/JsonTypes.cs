using System;

namespace GemmaVk.Grammar.Schemas;

/// <summary>Kinds of JSON values, as finely as negation needs them.</summary>
[Flags]
internal enum JsonTypes
{
    None = 0,
    Null = 1,
    True = 2,
    False = 4,

    /// <summary>Numbers without a fraction.</summary>
    Integer = 8,

    /// <summary>Numbers with one.</summary>
    Fraction = 16,
    String = 32,
    Array = 64,
    Object = 128,
    Boolean = True | False,
    Number = Integer | Fraction,
    All = 255,
}
