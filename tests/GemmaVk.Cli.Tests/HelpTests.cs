using System;
using System.CommandLine;
using System.Linq;
using GemmaVk.Cli.Commands;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class HelpTests
{
    private static readonly string[] Names =
        ["generate", "chat", "transcribe", "plan", "inspect", "doctor", "trace", "bench", "quantize", "make-checkpoint"];

    public static TheoryData<string> Verbs => [.. Names];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_verb_helps_with_examples_that_parse(string verb)
    {
        string help = CommandRun.Of(verb, "--help").Text();
        string[] examples = [.. help[help.IndexOf("Examples:", StringComparison.Ordinal)..].Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0)];
        Assert.NotEmpty(examples);
        foreach (string example in examples)
        {
            string command = example[example.IndexOf("gemmavk ", StringComparison.Ordinal)..].Split(" > ")[0];
            string[] args = [.. System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(command).Skip(1)];
            Verb parsed = Make(args[0]);
            Command root = new("gemmavk") { parsed };
            root.Options.Add(new Option<bool>("--verbose") { Recursive = true });
            Assert.All(root.Parse(args).Errors, error => Assert.Fail($"{example}: {error.Message}"));
        }
    }

    [Fact]
    public void The_program_lists_its_verbs()
    {
        string help = CommandRun.Of("--help").Text();
        Assert.All(Names, verb => Assert.Contains($"  {verb}", help, StringComparison.Ordinal));
        Assert.Contains("gemmavk generate --think", help, StringComparison.Ordinal);
    }

    private static Verb Make(string name) => name switch
    {
        "generate" => new Generate(),
        "chat" => new Chat(),
        "transcribe" => new Transcribe(),
        "plan" => new Plan(),
        "inspect" => new Inspect(),
        "doctor" => new Doctor(),
        "trace" => new Trace(),
        "bench" => new Bench(),
        "quantize" => new Quantize(),
        _ => new MakeCheckpoint(),
    };
}
