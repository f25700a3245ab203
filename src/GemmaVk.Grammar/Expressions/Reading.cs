namespace GemmaVk.Grammar.Expressions;

/// <summary>Whose reading of an expression is meant where engines differ.</summary>
internal enum Reading
{
    /// <summary>ECMAScript's.</summary>
    Exact,

    /// <summary>What every engine matches: it may be written.</summary>
    Narrow,

    /// <summary>Whatever any engine matches: what is not in it may be written where a match is forbidden.</summary>
    Wide,
}
