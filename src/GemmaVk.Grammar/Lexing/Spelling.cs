namespace GemmaVk.Grammar.Lexing;

/// <summary>How bytes spell the characters of a lexeme.</summary>
internal enum Spelling
{
    /// <summary>As UTF-8 spells them.</summary>
    Plain,

    /// <summary>As a JSON string, with its quotation marks and escapes.</summary>
    Json,

    /// <summary>As UTF-8 between two <see cref="ByteDfa.QuoteToken"/>: the strings of Gemma's tool calls, which know no escapes.</summary>
    Call,
}
