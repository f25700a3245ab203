using System;
using System.IO;
using System.Linq;
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

    [Fact]
    public void Ctrl_C_while_forms_are_measured_leaves_what_is_kept_as_it_was()
    {
        using TemporaryFolder folder = new();
        string? before = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        try
        {
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", folder.Path);
            using Terminal terminal = Signalling(input: null, out _, atError: " forms of kernels measured");
            Assert.Equal(130, CommandLine.Run(["tune", "--device", "vulkan"], terminal));
            string[] kept = [.. Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Select(Path.GetFileName)!];
            Assert.All(kept, name => Assert.Matches(@"^pipelines-[^.]*\.bin$", name));
        }
        finally
        {
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", before);
        }
    }

    /// <summary>A terminal where somebody presses Ctrl-C at the first words of an answer, or of standard error.</summary>
    private static Terminal Signalling(string? input, out StringWriter error, string? atError = null)
    {
        SignallingWriter output = new(atError is null ? "" : "\0"), errors = new(atError ?? "\0");
        error = errors;
        Terminal terminal = new()
        {
            In = new MemoryStream(Encoding.UTF8.GetBytes(input ?? "")),
            Out = output,
            Error = error,
            InIsRedirected = input is not null,
            ErrorIsScreen = atError is not null,
        };
        output.Interruption = errors.Interruption = terminal.Interruption;
        return terminal;
    }

    private sealed class SignallingWriter(string at) : StringWriter
    {
        private bool _pressed;

        public Interruption? Interruption { get; set; }

        public override void Write(string? value)
        {
            base.Write(value);
            if (!_pressed && !string.IsNullOrWhiteSpace(value) && value.Contains(at, StringComparison.Ordinal))
            {
                _pressed = true;
                Interruption!.Signal();
            }
        }
    }
}
