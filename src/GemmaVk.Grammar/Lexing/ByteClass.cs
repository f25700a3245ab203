using System;

namespace GemmaVk.Grammar.Lexing;

/// <summary>
/// Groups of bytes that tokens are made of. A state that stays where it is for all groups of a branch of the vocabulary takes the whole branch
/// without looking into it.
/// </summary>
[Flags]
internal enum ByteClass : ushort
{
    None = 0,
    Lower = 1 << 0,
    Upper = 1 << 1,
    Digit = 1 << 2,
    Space = 1 << 3,
    Underscore = 1 << 4,
    Dash = 1 << 5,
    Dot = 1 << 6,
    Slash = 1 << 7,

    /// <summary>Other printable ASCII but the quotation mark and the backslash.</summary>
    Punctuation = 1 << 8,
    Quote = 1 << 9,
    Backslash = 1 << 10,

    /// <summary>Tabulators and ends of lines.</summary>
    Blank = 1 << 11,
    Control = 1 << 12,

    /// <summary>Whole characters beyond ASCII, but blanks.</summary>
    Beyond = 1 << 13,

    /// <summary>Of them those that expressions count as blanks or ends of lines.</summary>
    BeyondBlank = 1 << 15,

    /// <summary>Bytes beyond ASCII that are no whole character: never taken as a group.</summary>
    Broken = 1 << 14,
}
