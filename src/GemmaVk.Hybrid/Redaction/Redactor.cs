using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using GemmaVk.Tensors;

namespace GemmaVk.Hybrid.Redaction;

/// <summary>
/// Takes out of texts what is not to leave: what expressions match, and names of a list. The same text always gets the same mark, so that an answer
/// stays understandable. Expressions are run without backtracking, in time that grows with the text and no faster.
/// </summary>
public sealed class Redactor
{
    private const int MostNames = 20_000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private readonly IReadOnlyList<(string Name, Regex Expression)> _rules;

    internal Redactor(IReadOnlyList<(string Name, Regex Expression)> patterns, IReadOnlyList<string> names) =>
        _rules = names.Count == 0 ? patterns : [.. patterns, .. names.Chunk(200).Select(some => ("name", Names(some)))];

    /// <summary>Whether it takes anything out.</summary>
    public bool IsEmpty => _rules.Count == 0;

    /// <summary>Names of what it takes out.</summary>
    public IReadOnlyList<string> Kinds => [.. _rules.Select(rule => rule.Name).Distinct()];

    /// <summary>Makes one.</summary>
    /// <param name="where">Begins a sentence.</param>
    /// <param name="patterns">Expressions and what they are called.</param>
    /// <param name="names">Names, found as whole words whatever their case.</param>
    /// <exception cref="GemmaVkException">An expression cannot be run in bounded time, or there are too many names.</exception>
    public static Redactor Of(string where, IReadOnlyList<(string Name, string Pattern)> patterns, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count > MostNames)
        {
            throw new GemmaVkException($"{where}: expected at most {MostNames} names, but {names.Count} came; use a pattern.");
        }

        return new Redactor([.. patterns.Select(pattern => (pattern.Name, Bounded(where, pattern.Name, pattern.Pattern)))], [.. names.Distinct().OrderByDescending(name => name.Length)]);
    }

    /// <summary>Begins taking out of one conversation.</summary>
    public Redacting Begin() => new(this);

    /// <summary>Takes out of a text.</summary>
    /// <exception cref="GemmaVkException">It takes too long: nothing is sent that was not looked through.</exception>
    internal string Take(string text, Func<string, string, string> mark)
    {
        try
        {
            foreach ((string name, Regex expression) in _rules)
            {
                text = expression.Replace(text, match => match.Length == 0 ? "" : mark(name, match.Value));
            }

            return text;
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new GemmaVkException($"redaction: expected to look through the text within {Longest.TotalSeconds} s, but it takes longer; nothing was sent. Ask with less text, or with simpler patterns.", e);
        }
    }

    private static Regex Bounded(string where, string name, string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Longest);
        }
        catch (NotSupportedException e)
        {
            throw new GemmaVkException($"{where}, {name}: expected an expression whose time is bounded, but it looks around, refers back or is too large; write it without.", e);
        }
        catch (ArgumentException e)
        {
            throw new GemmaVkException($"{where}, {name}: expected a regular expression, but {Complaint.Of(e)} Correct it.", e);
        }
    }

    /// <summary>Plain words in a list have nothing to go back to.</summary>
    private static Regex Names(string[] names) =>
        new($@"(?<![\p{{L}}\p{{N}}])(?:{string.Join('|', names.Select(Regex.Escape))})(?![\p{{L}}\p{{N}}])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, Longest);
}
