using System;

namespace GemmaVk.Grammar;

/// <summary>
/// A schema, expression or grammar that no automaton is built from. Nothing is left out quietly: what cannot be held is refused here,
/// before a token is generated.
/// </summary>
public sealed class GrammarException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="path">Where it is: a JSON pointer into the schema, a rule of the grammar, a position of the expression.</param>
    /// <param name="keyword">The keyword, or the construct, that is refused.</param>
    /// <param name="reason">What is wrong with it and what to do.</param>
    public GrammarException(string path, string keyword, string reason)
        : base($"{(path.Length == 0 ? "the schema's root" : path)}: {reason}")
    {
        Path = path;
        Keyword = keyword;
        Reason = reason;
    }

    /// <summary>Where it is: a JSON pointer into the schema, a rule of the grammar, a position of the expression.</summary>
    public string Path { get; }

    /// <summary>The keyword, or the construct, that is refused.</summary>
    public string Keyword { get; }

    /// <summary>What is wrong with it and what to do.</summary>
    public string Reason { get; }
}
