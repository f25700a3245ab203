using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace GemmaVk.House.Tests;

/// <summary>Documents say what is there.</summary>
public class DocumentTests
{
    private static IEnumerable<string> All => Checkout.Texts.Where(path => path.EndsWith(".md", StringComparison.Ordinal));

    [Fact]
    public void Every_link_leads_somewhere() =>
        Report.Empty(All.SelectMany(path => Documents.DeadLinks(path, Checkout.Read(path), Checkout.Has)));

    [Fact]
    public void Every_command_shown_exists()
    {
        string[] cli = [.. Checkout.Texts.Where(path => path.StartsWith("src/GemmaVk.Cli/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal))];
        string[] verbs = [.. cli.Where(path => path.Contains("/Commands/", StringComparison.Ordinal)).Select(Documents.Verb)];
        string sources = string.Concat(cli.Select(Checkout.Read));
        Assert.NotEmpty(Documents.Commands(Checkout.Read("README.md")));
        Report.Empty(
            from path in All
            from command in Documents.Commands(Checkout.Read(path))
            from wrong in Documents.Wrong(command, verbs, sources)
            select $"{path}: {wrong}");
    }

    [Fact]
    public void The_readme_is_read_in_five_minutes()
    {
        const int MostLines = 150;
        const int MostColumns = 120;
        string readme = Checkout.Read("README.md").ReplaceLineEndings("\n");
        Assert.InRange(readme.AsLines(), 1, MostLines);
        Report.Empty(readme.Split('\n').Where(line => line.Length > MostColumns).Select(line => $"README.md: {line.Length} columns, at most {MostColumns}: {line}"));
        // What people copy first must never move.
        Assert.Contains("tools/gemmavk generate --think \"What is 47 + 85?\"\ntools/test\n", readme, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("The path of a token", "token")]
    [InlineData("The path of a weight", "weight")]
    public void Every_file_on_a_path_says_which_step_it_is(string heading, string path)
    {
        Documents.Step[] steps = [.. Documents.Steps(Checkout.Read("src/README.md"), heading)];
        Assert.NotEmpty(steps);
        Assert.Equal(Enumerable.Range(1, steps.Length), steps.Select(step => step.Number));
        Report.Empty(
            from step in steps
            from file in step.Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal)).Select(file => $"src/{file}")
            where !Checkout.Has(file) || !Documents.SaysStep(Checkout.Read(file), path, step.Number)
            select $"{file} does not say 'Step {step.Number} of the {path} path; from X, to Y.'");
    }
}
