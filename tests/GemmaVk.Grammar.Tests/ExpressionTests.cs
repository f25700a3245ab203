using System;
using System.Linq;
using System.Text.RegularExpressions;
using FsCheck.Xunit;
using GemmaVk.Grammar.Expressions;
using Xunit;

namespace GemmaVk.Grammar.Tests;

/// <summary>Regular expressions: what they match, against .NET's automaton engine, and what is refused.</summary>
public class ExpressionTests
{
    [Property(MaxTest = 400)]
    public void Random_expressions_match_what_the_platform_matches(Seed seed)
    {
        var random = new Random(seed);
        string pattern = Expression(random, 3);
        var terms = new TermTable();
        Term searched = Pattern.Search(terms, ExpressionParser.Parse(pattern, terms, Reading.Exact));
        var peer = new Regex(pattern.Replace("$", "\\z"), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        foreach (string text in Enumerable.Range(0, 30).Select(_ => Word(random)))
        {
            bool found = terms.Matches(searched, text);
            // An end in front of a beginning, as in $^, is nowhere: .NET finds both in a text without characters.
            bool stricter = text.Length == 0 && !found && pattern.IndexOf('$') is >= 0 and var end && pattern.LastIndexOf('^') > end;
            Assert.True(found == peer.IsMatch(text) || stricter, $"{pattern} on '{text}'");
        }
    }

    [Theory]
    [InlineData("^a|b$", "xb", true)]
    [InlineData("^a|b$", "bx", false)]
    [InlineData("^$|(^(?:\\S+\\s+){0,3}\\S+$)", "one two three four", true)]
    [InlineData("^$|(^(?:\\S+\\s+){0,3}\\S+$)", "one two three four five", false)]
    [InlineData("^(ab*)*$", "abbab", true)]
    [InlineData("[^\\W_]+-\\u00e9", "x a-é", true)]
    [InlineData("^\\p{Lu}\\p{Ll}+$", "Ärger", true)]
    [InlineData("^\\p{Lu}\\p{Ll}+$", "ärger", false)]
    [InlineData("^.$", "😀", true)]
    [InlineData("^[\\w-.]+$", "a-b.c", true)]
    [InlineData("a$b", "a$b", false)]
    [InlineData("{a}", "{a}", true)]
    [InlineData("^x{2,}?$", "xxx", true)]
    public void Hand_cases(string pattern, string text, bool found)
    {
        var terms = new TermTable();
        Assert.Equal(found, terms.Matches(Pattern.Search(terms, ExpressionParser.Parse(pattern, terms, Reading.Exact)), text));
    }

    [Theory]
    [InlineData("(?=a)b", "look-around")]
    [InlineData("(?<!a)b", "look-around")]
    [InlineData("(a)\\1", "back-references")]
    [InlineData("a\\b", "word boundary")]
    [InlineData("(a", "not closed")]
    [InlineData("a)", "closes nothing")]
    [InlineData("*a", "nothing before it")]
    [InlineData("[z-a]", "backwards")]
    [InlineData("a{3,2}", "backwards")]
    [InlineData("(?i)a", "kind of group")]
    [InlineData("\\q", "no escape")]
    public void What_is_not_regular_is_refused(string pattern, string reason)
    {
        GrammarException refused = Assert.Throws<GrammarException>(() => TextGrammar.OfExpression(pattern));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(a+)+b")]
    [InlineData("(a|aa)+b")]
    [InlineData("(.*a){30}")]
    [InlineData("a{1,100000}b")]
    public void Catastrophes_are_linear(string pattern)
    {
        long start = Environment.TickCount64;
        Assert.False(TextGrammar.OfExpression(pattern).Takes(new string('a', 2000) + "c"));
        Assert.True(Environment.TickCount64 - start < 20_000);
    }

    private static string Expression(Random random, int depth) => random.Next(depth == 0 ? 3 : 9) switch
    {
        0 => "abc"[random.Next(3)].ToString(),
        1 => random.Next(3) switch { 0 => ".", 1 => "[ab]", _ => "[^b]" },
        2 => random.Next(4) switch { 0 => "^", 1 => "$", 2 => "\\w", _ => "\\d" },
        3 => $"({Expression(random, depth - 1)}|{Expression(random, depth - 1)})",
        4 => $"(?:{Expression(random, depth - 1)})*",
        5 => $"(?:{Expression(random, depth - 1)}){{{random.Next(2)},{1 + random.Next(3)}}}",
        6 => $"(?:{Expression(random, depth - 1)})?",
        _ => Expression(random, depth - 1) + Expression(random, depth - 1),
    };

    private static string Word(Random random) => string.Concat(Enumerable.Range(0, random.Next(7)).Select(_ => "abc1 "[random.Next(5)]));
}
