using System;
using System.IO;
using System.Text;
using GemmaVk.Cli.Terminals;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class ChatTests
{
    private static readonly string[] Command = ["chat", "--temperature", "0", "--device", "cpu"];

    [Fact]
    public void Each_line_is_a_turn_until_the_input_ends()
    {
        // What comes second is outside of what the small model was taught: that it comes is enough.
        string[] answers = CommandRun.WithInput("What is the capital of Japan?\n\nCount from one to three.\n", Command).Text().TrimEnd().Split('\n');
        Assert.Equal(2, answers.Length);
        Assert.Equal("The capital of Japan is Tokyo.", answers[0]);
    }

    [Fact]
    public void Commands_are_no_turns()
    {
        CommandRun run = CommandRun.WithInput("/help\n/stats\nCount from one to one.\n/stats\n/clear\n/stats\n/dance\n/exit\nWhat are you?\n", Command);
        Assert.Equal("one.\n", run.Text());
        Assert.Contains("/clear   forget", run.Error, StringComparison.Ordinal);
        Assert.Contains("No answer yet.", run.Error, StringComparison.Ordinal);
        // 25 tokens of the prompt and 3 of the answer.
        Assert.Contains("28 of 4096 positions", run.Error, StringComparison.Ordinal);
        Assert.Contains("0 of 4096 positions", run.Error, StringComparison.Ordinal);
        Assert.Contains("/dance: expected", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backslash_goes_on_in_the_next_line()
    {
        CommandRun run = CommandRun.WithInput("Repeat: drum \\\nkey\n", Command);
        Assert.Equal(0, run.Code);
        Assert.Single(run.Out.TrimEnd().Split('\n'));
    }

    [Fact]
    public void A_full_context_is_said_with_what_to_do()
    {
        CommandRun run = CommandRun.WithInput("What are you?\nWhat are you?\n/clear\nWhat is 1 + 1?\n", [.. Command, "--context", "30"]);
        Assert.Equal(0, run.Code);
        Assert.Contains("The context of 30 positions is full: /clear starts again", run.Error, StringComparison.Ordinal);
        Assert.Contains("--when-full drop forgets the oldest turns", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("2\n", run.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void When_full_drop_forgets_the_oldest_turns_and_goes_on()
    {
        const string Turns = "Count from one to three.\nCount from one to two.\nWhat is the capital of Japan?\n/stats\n";
        CommandRun run = CommandRun.WithInput(Turns, [.. Command, "--context", "64", "--when-full", "drop"]);
        // What the small model says to a third question is its own affair: that it answers is enough.
        Assert.Equal(3, run.Text().TrimEnd().Split('\n').Length);
        Assert.Contains("(the context is full: the oldest turn forgotten)", run.Error, StringComparison.Ordinal);
        Assert.Matches("(?m)^[1-5][0-9] of 64 positions", run.Error);
    }

    [Theory]
    [InlineData("y", true)]
    [InlineData("", true)]
    [InlineData("n", false)]
    public void When_full_asks_whoever_sits_there(string reply, bool goesOn)
    {
        StringWriter output = new(), error = new();
        byte[] typed = Encoding.UTF8.GetBytes($"Count from one to three.\nWhat is the capital of Japan?\n{reply}\n/exit\n");
        using Terminal terminal = new() { In = new MemoryStream(typed), Out = output, Error = error };
        Assert.Equal(0, CommandLine.Run([.. Command, "--context", "40"], terminal));
        Assert.Contains("The context is full. Forget the oldest turn and go on? [Y/n]", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(goesOn, output.ToString().Contains("The capital of Japan is Tokyo.", StringComparison.Ordinal));
        Assert.Equal(!goesOn, error.ToString().Contains("/clear starts again", StringComparison.Ordinal));
    }

    [Fact]
    public void Input_that_is_not_utf8_is_an_error()
    {
        CommandRun run = CommandRun.WithBytes([0x41, 0xFF, 0x0A], Command);
        Assert.Equal(1, run.Code);
        Assert.Contains("standard input: expected UTF-8 text", run.Error, StringComparison.Ordinal);
    }
}
