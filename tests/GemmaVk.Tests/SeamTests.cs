using System.Linq;
using FsCheck;
using FsCheck.Fluent;
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

    [Fact]
    public void Pieces_of_a_text_join_to_the_text()
    {
        // All words differ, so that no overlap but the true one fits.
        Gen<(int Words, int Cut, int Overlap)> cases =
            from words in Gen.Choose(1, 40)
            from cut in Gen.Choose(0, words)
            from overlap in Gen.Choose(0, System.Math.Min(cut, Seam.MostWords))
            select (words, cut, overlap);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            string[] words = [.. Enumerable.Range(0, c.Words).Select(i => $"word{i:000}x")];
            string joined = Seam.Join(string.Join(' ', words[..c.Cut]), string.Join(' ', words[(c.Cut - c.Overlap)..]));
            return joined == string.Join(' ', words);
        }).QuickCheckThrowOnFailure();
    }
}
