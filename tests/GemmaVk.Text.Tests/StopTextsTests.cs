using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FsCheck.Xunit;
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

    [Property(MaxTest = 500)]
    public bool NothingOfAStopIsEverGivenAndPiecesDoNotMatter(byte[] letters, byte[][] words, byte[] cuts)
    {
        string text = Word(letters);
        string[] stops = [.. words.Select(Word).Where(word => word.Length > 0).Append("abc").Take(3)];
        (string byLetter, bool found) = Run(stops, text.Select(letter => letter.ToString()));
        (string byPiece, bool again) = Run(stops, Pieces(text, [.. cuts.Append((byte)1).Select(cut => 1 + (cut % 4))]));
        return byLetter == byPiece && found == again
            && found == stops.Any(stop => text.Contains(stop, StringComparison.Ordinal))
            && stops.All(stop => !byLetter.Contains(stop, StringComparison.Ordinal))
            && text.StartsWith(byLetter, StringComparison.Ordinal)
            && (found || byLetter == text);
    }

    // Of few letters, so that stops begin often and end seldom.
    private static string Word(byte[] letters) => string.Concat(letters.Select(letter => (char)('a' + (letter % 3))));

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
