using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace GemmaVk.Text.Tests;

public sealed class StopTextsTests
{
    [Theory]
    [InlineData("one two three", "one ", "two")]
    [InlineData("aab", "a", "ab")]
    [InlineData("abab!", "", "abab")]
    [InlineData("ababc", "ab", "abc")]
    [InlineData("abc", "a", "b", "abc")]
    [InlineData("xabc", "x", "bc", "abc")]
    [InlineData("nothing", "nothing", "nothing at all")]
    public void The_first_that_is_complete_ends_the_text(string text, string shown, params string[] stops)
    {
        (string given, bool found) = Run(stops, text.Select(letter => letter.ToString()));
        Assert.Equal(shown, given);
        Assert.Equal(shown != text, found);
    }

    [Fact]
    public void Nothing_of_a_stop_is_ever_given_and_pieces_do_not_matter()
    {
        Gen<string> words = Gen.Elements('a', 'b', 'c').ArrayOf().Select(letters => new string(letters));
        Gen<(string Text, string[] Stops, int[] Cuts)> cases =
            from text in words
            from stops in words.Where(word => word.Length > 0).NonEmptyListOf()
            from cuts in Gen.Choose(1, 4).NonEmptyListOf()
            select (text, stops.Take(3).ToArray(), cuts.ToArray());
        Check.QuickThrowOnFailure(Prop.ForAll(cases.ToArbitrary(), each =>
        {
            (string byLetter, bool found) = Run(each.Stops, each.Text.Select(letter => letter.ToString()));
            (string byPiece, bool again) = Run(each.Stops, Pieces(each.Text, each.Cuts));
            return byLetter == byPiece && found == again
                && found == each.Stops.Any(stop => each.Text.Contains(stop, StringComparison.Ordinal))
                && each.Stops.All(stop => !byLetter.Contains(stop, StringComparison.Ordinal))
                && each.Text.StartsWith(byLetter, StringComparison.Ordinal)
                && (found || byLetter == each.Text);
        }));
    }

    private static (string Given, bool Found) Run(string[] stops, IEnumerable<string> pieces)
    {
        StopTexts texts = new(stops);
        StringBuilder given = new();
        foreach (string piece in pieces)
        {
            given.Append(texts.Append(piece));
        }

        given.Append(texts.Finish());
        return (given.ToString(), texts.Found);
    }

    private static IEnumerable<string> Pieces(string text, int[] cuts)
    {
        for (int at = 0, i = 0; at < text.Length; at += cuts[i % cuts.Length], i++)
        {
            yield return text[at..Math.Min(text.Length, at + cuts[i % cuts.Length])];
        }
    }
}
