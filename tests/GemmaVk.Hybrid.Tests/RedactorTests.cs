using System;
using System.Diagnostics;
using System.Linq;
using FsCheck.Xunit;
using GemmaVk.Hybrid.Redaction;
using Xunit;

namespace GemmaVk.Hybrid.Tests;

/// <summary>What is taken out before anything leaves.</summary>
public sealed class RedactorTests
{
    private static Redactor Make(string[] patterns, params string[] names) => Redactor.Of("test", [.. patterns.Select(pattern => ("number", pattern))], names);

    [Fact]
    public void Patterns_and_names_get_marks_that_stay_the_same()
    {
        Redacting redacting = Make(["\\d{4,}"], "Ann Lee", "Ann", "Østergård").Begin();
        Assert.Equal("[NAME 1] ([NUMBER 1]) and [NAME 2], not Annette; [NAME 3]. [NUMBER 1], [NUMBER 2]", redacting.Take("Ann Lee (12345) and ann, not Annette; ØSTERGÅRD. 12345, 9999"));
        Assert.Equal("[NUMBER 2] again", redacting.Take("9999 again"));
        Assert.Equal((4, 3), (redacting.Counts["number"], redacting.Counts["name"]));
    }

    [Fact]
    public void An_expression_that_would_take_for_ever_does_not()
    {
        long start = Stopwatch.GetTimestamp();
        string text = new('a', 100_000);
        Assert.Equal(text + "!", Make(["(a+)+$", "(a|aa)+$", "(.*a){12}$"]).Begin().Take(text + "!"));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 60);
    }

    [Property(MaxTest = 100)]
    public bool No_name_of_the_list_stays(Seed seed)
    {
        Random random = new(seed);
        string[] names = [.. Enumerable.Range(0, 5).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => "abcö.+("[random.Next(7)])))];
        string text = string.Join(' ', Enumerable.Range(0, 20).Select(_ => random.Next(2) == 0 ? names[random.Next(5)] : "word"));
        string taken = Make([], names).Begin().Take(text);
        return taken.Split(' ').All(word => !names.Contains(word, StringComparer.OrdinalIgnoreCase));
    }
}
