namespace GemmaVk.Grammar.Lexing;

/// <summary>The forms of a <see cref="Spot"/>.</summary>
internal enum SpotKind
{
    /// <summary>Before the opening quotation mark.</summary>
    Open,

    /// <summary>Between two characters.</summary>
    Body,

    /// <summary>Inside a UTF-8 sequence of which every ending leads to the same term.</summary>
    Tail,

    /// <summary>Inside a UTF-8 sequence whose ending decides.</summary>
    Partial,

    /// <summary>After a backslash.</summary>
    Escape,

    /// <summary>Inside \uXXXX whose rest decides.</summary>
    Hex,

    /// <summary>Inside \uXXXX of which every ending leads to the same term.</summary>
    HexTail,

    /// <summary>After the first half of a surrogate pair: a backslash must follow.</summary>
    PairSlash,

    /// <summary>Then a u.</summary>
    PairU,

    /// <summary>Then the digits of the second half.</summary>
    PairHex,

    /// <summary>After the closing quotation mark.</summary>
    Closed,
}
