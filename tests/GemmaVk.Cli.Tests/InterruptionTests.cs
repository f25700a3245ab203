using System;
using System.IO;
using System.Text;
using System.Text.Json;
using GemmaVk.Cli.Terminals;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class InterruptionTests
{
    [Fact]
    public void Ctrl_C_ends_an_answer_with_130()
    {
        using Terminal terminal = Signalling(input: null, out StringWriter error);
        int code = CommandLine.Run(["generate", "What are you?", "--temperature", "0", "--device", "cpu", "--verbose"], terminal);
        Assert.Equal(130, code);
        Assert.Matches("answer   [1-5] tokens", error.ToString());
    }

    [Fact]
    public void Ctrl_C_stops_the_answer_of_a_chat_but_not_the_chat()
    {
        using Terminal terminal = Signalling("What are you?\nWhat is the capital of Japan?\n", out StringWriter error);
        int code = CommandLine.Run(["chat", "--temperature", "0", "--device", "cpu"], terminal);
        Assert.Equal(0, code);
        Assert.Contains("(stopped)", error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("The capital of Japan is Tokyo.\n", terminal.Out.ToString()!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_signal_and_one_that_nobody_waits_for_end_the_program()
    {
        Interruption interruption = new();
        Assert.False(interruption.Signal());
        using (Interruption.Listener listener = interruption.Listen())
        {
            Assert.True(interruption.Signal());
            Assert.True(listener.Token.IsCancellationRequested);
            Assert.False(interruption.Signal());
        }

        Assert.False(interruption.Signal());
    }

    /// <summary>A terminal where somebody presses Ctrl-C at the first words of an answer.</summary>
    private static Terminal Signalling(string? input, out StringWriter error)
    {
        SignallingWriter output = new();
        error = new StringWriter();
        Terminal terminal = new()
        {
            In = new MemoryStream(Encoding.UTF8.GetBytes(input ?? "")),
            Out = output,
            Error = error,
            InIsRedirected = input is not null,
        };
        output.Interruption = terminal.Interruption;
        return terminal;
    }

    private sealed class SignallingWriter : StringWriter
    {
        private bool _pressed;

        public Interruption? Interruption { get; set; }

        public override void Write(string? value)
        {
            base.Write(value);
            if (!_pressed && !string.IsNullOrWhiteSpace(value))
            {
                _pressed = true;
                Interruption!.Signal();
            }
        }
    }
}
