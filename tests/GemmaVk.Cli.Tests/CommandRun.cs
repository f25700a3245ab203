using System;
using System.IO;
using System.Text;
using System.Text.Json;
using GemmaVk.Cli.Terminals;
using Xunit;

// Every command uses all cores: two at a time would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace GemmaVk.Cli.Tests;

/// <summary>What a command did, run inside the test's process.</summary>
internal sealed record CommandRun(int Code, string Out, string Error)
{
    /// <summary>Runs a command without input.</summary>
    public static CommandRun Of(params string[] args) => WithInput(null, args);

    /// <summary>Runs a command with text on standard input, or with a keyboard there when it is null.</summary>
    public static CommandRun WithInput(string? input, params string[] args) => WithBytes(input is null ? null : Encoding.UTF8.GetBytes(input), args);

    /// <summary>Runs a command whose standard error is watched.</summary>
    public static CommandRun OnScreen(params string[] args) => Run(null, screen: true, args);

    /// <summary>Runs a command with bytes on standard input.</summary>
    public static CommandRun WithBytes(byte[]? input, params string[] args) => Run(input, screen: false, args);

    private static CommandRun Run(byte[]? input, bool screen, string[] args)
    {
        StringWriter output = new();
        StringWriter error = new();
        using Terminal terminal = new()
        {
            In = new MemoryStream(input ?? []),
            Out = output,
            Error = error,
            InIsRedirected = input is not null,
            ErrorIsScreen = screen,
        };
        int code = CommandLine.Run(args, terminal);
        return new CommandRun(code, output.ToString(), error.ToString());
    }

    /// <summary>The object on standard output of a command that must have succeeded.</summary>
    public JsonElement Json()
    {
        Assert.True(Code == 0, $"exit code {Code}: {Error}");
        return JsonDocument.Parse(Out).RootElement;
    }

    /// <summary>The object on standard output of a command that says in it what is wrong.</summary>
    public JsonElement JsonOfFailure()
    {
        Assert.True(Code == 1 && Error.Length == 0, $"exit code {Code}: {Error}");
        return JsonDocument.Parse(Out).RootElement;
    }

    /// <summary>Standard output of a command that must have succeeded.</summary>
    public string Text()
    {
        Assert.True(Code == 0, $"exit code {Code}: {Error}");
        return Out.ReplaceLineEndings("\n");
    }
}
