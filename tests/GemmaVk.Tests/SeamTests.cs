using System.Linq;
using FsCheck.Xunit;
using GemmaVk.Transcripts;
using Xunit;

namespace GemmaVk.Tests;

public sealed class SeamTests
{
    [Theory]
    [InlineData("", "", "")]
    [InlineData("", "one two", "one two")]
    [InlineData("one two", "", "one two")]
    [InlineData("one two", "three", "one two three")]
    [InlineData("one two three", "two three four", "one two three four")]
    [InlineData("The quick brown", "Brown fox.", "The quick brown fox.")]
    [InlineData("the quick brown, fox", "brown fox jumps", "the quick brown, fox jumps")]
    // The cut tore the last word of the first piece, the first of the second, or both.
    [InlineData("the quick bro", "quick brown fox", "the quick brown fox")]
    [InlineData("a quick brown fox ju", "quick brown fox jumps", "a quick brown fox jumps")]
    [InlineData("the very quick brown", "ick brown fox", "the very quick brown fox")]
    [InlineData("was the quick brown fo", "ck brown fox", "was the quick brown fox")]
    // One word alone that is the same by chance is none.
    [InlineData("very good", "very nice", "very good very nice")]
    // Digits and repeated words: the longest overlap counts.
    [InlineData("five five", "five five six", "five five six")]
    [InlineData("今日は天気", "天気がいい", "今日は天気 がいい")]
    public void Words_heard_twice_are_written_once(string before, string after, string joined) => Assert.Equal(joined, Seam.Join(before, after));

    [Property(MaxTest = 100)]
    public void Pieces_of_a_text_join_to_the_text(CutText text)
    {
        string[] words = [.. Enumerable.Range(0, text.Words).Select(i => $"word{i:000}x")];
        Assert.Equal(string.Join(' ', words), Seam.Join(string.Join(' ', words[..text.Cut]), string.Join(' ', words[(text.Cut - text.Overlap)..])));
    }
}
