using System;
using System.CommandLine;
using System.Linq;
using GemmaVk.Cli.Commands;
using GemmaVk.Cli.Help;
using GemmaVk.Cli.Instruments;
using GemmaVk.Cli.Verifying;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class HelpTests
{
    private static readonly string[] Names =
    [
        "generate", "chat", "serve", "mcp", "transcribe", "index", "plan", "inspect", "schema", "privacy", "doctor", "trace", "golden", "eval", "bench", "kernels", "verify", "tune", "quantize", "convert",
        "make-checkpoint",
    ];

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

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Help_shows_what_most_people_need_and_help_all_the_rest(string verb)
    {
        string[] flags = [.. Make(verb).Options.Select(option => option.Name)];
        string first = CommandRun.Of(verb, "--help").Text(), all = CommandRun.Of(verb, "--help-all").Text();
        Assert.All(flags, flag => Assert.Matches($"(?m)^  (-., )?{flag}( |$)", all));
        Assert.InRange(flags.Count(flag => System.Text.RegularExpressions.Regex.IsMatch(first, $"(?m)^  (-., )?{flag}( |$)")), System.Math.Min(1, flags.Length), HelpPage.MostFirst);
        Assert.Equal(flags.Length + 1 > HelpPage.MostFirst, first.Contains($"gemmavk {verb} --help-all shows the other", StringComparison.Ordinal));
        Assert.All((first + all).Split('\n').Where(line => !line.Contains("gemmavk ", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 0, 100));
    }

    [Fact]
    public void Flags_stand_in_groups()
    {
        string help = CommandRun.Of("generate", "--help-all").Text();
        string[] titles = ["Prompt:", "Media:", "Drawing:", "Output:", "Memory and device:", "Drafting:", "Precision:", "Examples:"];
        int[] places = [.. titles.Select(title => help.IndexOf($"\n{title}\n", StringComparison.Ordinal))];
        Assert.All(places, place => Assert.True(place > 0));
        Assert.Equal(places.Order(), places);
        Assert.DoesNotContain("Its own:", help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("generat", "generate")]
    [InlineData("chta", "chat")]
    [InlineData("trans", "transcribe")]
    [InlineData("quantise", "quantize")]
    public void A_misspelt_command_names_the_nearest(string typed, string meant) =>
        Assert.Contains($"'{typed}' is no command: did you mean {meant}?", CommandRun.Of(typed).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("--tempature", "--temperature")]
    [InlineData("--max-token=5", "--max-tokens")]
    [InlineData("--sytem", "--system")]
    [InlineData("--verbos", "--verbose")]
    [InlineData("--imgae", "--image")]
    public void A_misspelt_flag_names_the_nearest(string typed, string meant) =>
        Assert.Contains($"has no flag {typed}: did you mean {meant}?", CommandRun.Of("generate", "hi", typed).Error, StringComparison.Ordinal);

    [Fact]
    public void What_is_like_nothing_is_like_nothing()
    {
        Assert.Null(Spelling.Nearest("frobnicate", Names));
        Assert.Null(Spelling.Nearest("x", Names));
        Assert.Equal((0, 1, 1, 1, 3), (Spelling.Mistakes("plan", "plan"), Spelling.Mistakes("plna", "plan"), Spelling.Mistakes("pln", "plan"), Spelling.Mistakes("plant", "plan"), Spelling.Mistakes("", "abc")));
    }

    private static Verb Make(string name) => name switch
    {
        "generate" => new Generate(),
        "chat" => new Chat(),
        "serve" => new Serve(),
        "transcribe" => new Transcribe(),
        "plan" => new Plan(),
        "inspect" => new Inspect(),
        "schema" => new Schema(),
        "doctor" => new Doctor(),
        "trace" => new Trace(),
        "golden" => new Golden(),
        "eval" => new Eval(),
        "bench" => new Bench(),
        "kernels" => new Instruments.Kernels(),
        "verify" => new Verify(),
        "tune" => new Instruments.Tune(),
        "quantize" => new Quantize(),
        "convert" => new Commands.Convert(),
        "mcp" => new Commands.Mcp(),
        "index" => new Commands.Index(),
        "privacy" => new Privacy(),
        _ => new MakeCheckpoint(),
    };
}
