using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Fuzz;
using Xunit;
using Xunit.Abstractions;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace GemmaVk.Fuzz.Tests;

/// <summary>Some seconds of mutated inputs for each parser, and all that were ever findings.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Each = TimeSpan.FromSeconds(2.5);

    public static TheoryData<string> Parsers()
    {
        TheoryData<string> names = [];
        foreach (Target target in AllTargets.One())
        {
            names.Add(target.Name);
            target.Dispose();
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(Parsers))]
    public void A_parser_takes_or_refuses_whatever_comes(string name)
    {
        // Continuous integration judges a change, so its inputs are those of the run before; a person's are new each time.
        int seed = Environment.GetEnvironmentVariable("CI") is null ? Random.Shared.Next() : 1;
        output.WriteLine($"{name}: seed {seed}");
        Console.WriteLine($"fuzz {name}: seed {seed}");
        FuzzRun run = new(() => AllTargets.Named(name)!, seed, Each, Environment.ProcessorCount, least: 200);
        IReadOnlyList<Finding> findings = run.Run();
        output.WriteLine($"{run.Inputs:N0} inputs, {run.Accepted:N0} accepted, {run.Outcomes} ways to end");
        Assert.True(findings.Count == 0, $"tools/fuzz {name} --seed {seed} found {findings.Count}:\n{string.Join("\n\n", findings.Select(Describe))}");
        Assert.True(run.Inputs >= 200, $"only {run.Inputs} inputs");
        Assert.True(run.Outcomes > 1, "every input ends in the same way: the mutations reach nothing");
    }

    [Theory]
    [MemberData(nameof(Parsers))]
    public void What_was_a_finding_is_none_any_more(string name)
    {
        using Target target = AllTargets.Named(name)!;
        foreach (string path in Seeds.Kept(name))
        {
            Assert.Null(Judge.Of(target, File.ReadAllBytes(path), out _));
        }
    }

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Seeds_are_no_findings_and_one_is_accepted(string name)
    {
        using Target target = AllTargets.Named(name)!;
        List<string> outcomes = [];
        foreach (byte[] seed in target.Seeds())
        {
            Assert.Null(Judge.Of(target, seed, out string outcome));
            outcomes.Add(outcome);
        }

        Assert.Contains("accepted", outcomes);
    }

    private static string Describe(Finding finding) => $"{finding.Kind}\n{finding.What}\ninput, {finding.Input.Length} bytes, base64: {Convert.ToBase64String(finding.Input)}";
}
