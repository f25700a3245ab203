using System;
using System.IO;
using System.Text;

namespace GemmaVk.Cli.Terminals;

/// <summary>
/// Where a command reads and writes: answers go to <see cref="Out"/>, everything about them to <see cref="Error"/>. Tests
/// put their own streams here.
/// </summary>
internal sealed class Terminal : IDisposable
{
    /// <summary>Standard input, undecoded.</summary>
    public required Stream In { get; init; }

    /// <summary>What the command was asked for.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Where text of a model goes: <see cref="Out"/>, on a screen with its control characters shown.</summary>
    public TextWriter Answers => OutIsScreen ? new AnswerWriter(Out) : Out;

    /// <summary>Progress, thoughts, figures and errors.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Input is a file or a pipe.</summary>
    public bool InIsRedirected { get; init; }

    /// <summary>Someone watches standard output.</summary>
    public bool OutIsScreen { get; init; }

    /// <summary>Someone watches standard error.</summary>
    public bool ErrorIsScreen { get; init; }

    /// <summary>Waits for a key and does not echo it; null where lines come from elsewhere, or the screen cannot move its cursor.</summary>
    public Func<ConsoleKeyInfo>? Keys { get; init; }

    /// <summary>Ctrl-C.</summary>
    public Interruption Interruption { get; } = new();

    /// <summary>The streams of this process, UTF-8 on every system.</summary>
    public static Terminal OfProcess()
    {
        UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);
        if (OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = utf8;
        }

        Terminal terminal = new()
        {
            In = Console.OpenStandardInput(),
            Out = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true },
            Error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true },
            InIsRedirected = Console.IsInputRedirected,
            OutIsScreen = !Console.IsOutputRedirected,
            ErrorIsScreen = !Console.IsErrorRedirected,
            Keys = Console.IsInputRedirected || Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb"
                ? null
                : () => Console.ReadKey(intercept: true),
        };
        Console.CancelKeyPress += (_, press) =>
        {
            press.Cancel = true;
            if (!terminal.Interruption.Signal())
            {
                Environment.Exit(ExitCode.Interrupted);
            }
        };
        return terminal;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Out.Flush();
        Error.Flush();
    }
}
