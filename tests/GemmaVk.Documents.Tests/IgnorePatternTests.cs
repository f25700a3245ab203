using System;
using System.Diagnostics;
using GemmaVk.Documents.Index;
using Xunit;

namespace GemmaVk.Documents.Tests;

/// <summary>Patterns of .gitignore files, as git reads them, and in bounded time and memory.</summary>
public sealed class IgnorePatternTests
{
    [Theory]
    [InlineData("*.log", "a/b/c.log", true)]
    [InlineData("*.log", "c.log", true)]
    [InlineData("*.log", "c.log/d", false)]
    [InlineData("/c.log", "a/c.log", false)]
    [InlineData("a/*.log", "a/c.log", true)]
    [InlineData("a/*.log", "a/b/c.log", false)]
    [InlineData("a/**/c", "a/c", true)]
    [InlineData("a/**/c", "a/b/d/c", true)]
    [InlineData("a/**/c", "a/bc", false)]
    [InlineData("**/c", "a/b/c", true)]
    [InlineData("a/**", "a/b/c", true)]
    [InlineData("a/**", "b/a/c", false)]
    [InlineData("b?[!x-z]", "a/bcd", true)]
    [InlineData("b?[!x-z]", "a/bcy", false)]
    [InlineData("b[a-c]", "bb", true)]
    [InlineData("[]-]", "-", true)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("\\#c", "#c", true)]
    [InlineData("\\*", "a", false)]
    public void A_pattern_fits_what_git_says(string pattern, string path, bool fits) =>
        Assert.Equal(fits, new IgnoreRules(pattern).Ignores(path, isFolder: false) == true);

    [Fact]
    public void A_pattern_of_stars_takes_neither_long_nor_much()
    {
        string rules = string.Join('\n', System.Linq.Enumerable.Repeat(string.Concat(System.Linq.Enumerable.Repeat("a*", 400)), 200));
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        Assert.Null(new IgnoreRules(rules).Ignores(new string('a', 300) + "b/c", isFolder: false));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40 << 20);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 60);
    }
}
