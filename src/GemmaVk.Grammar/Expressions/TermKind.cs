namespace GemmaVk.Grammar.Expressions;

/// <summary>The forms of a <see cref="Term"/>.</summary>
internal enum TermKind
{
    /// <summary>No text at all.</summary>
    Nothing,

    /// <summary>The empty text.</summary>
    Empty,

    /// <summary>One character of a set.</summary>
    Set,

    /// <summary>One text, then another.</summary>
    Concat,

    /// <summary>Any of several.</summary>
    Or,

    /// <summary>All of several.</summary>
    And,

    /// <summary>Every text but these.</summary>
    Not,

    /// <summary>A text some number of times.</summary>
    Repeat,

    /// <summary>Decimal digits whose value leaves a remainder.</summary>
    Digits,
}
