using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace GemmaVk.Cli.Terminals;

/// <summary>
/// Where a command reads and writes: answers go to <see cref="Out"/>, everything about them to <see cref="Error"/>. Tests
/// put their own streams here.
/// </summary>
internal sealed class Terminal : IDisposable
{
    private const int UsualColumns = 100;

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

    /// <summary>Whether a key waits already, as in text that is pasted.</summary>
    public Func<bool> KeyWaits { get; init; } = () => false;

    /// <summary>Columns of the screen at this moment; a usual number where there is none.</summary>
    public Func<int> Columns { get; init; } = () => UsualColumns;

    /// <summary>Ctrl-C, and what else ends the program.</summary>
    public Interruption Interruption { get; private init; } = new();

    /// <summary>The streams of this process, UTF-8 on every system.</summary>
    /// <param name="missing">Numbers of the streams that are closed; they read and write nothing.</param>
    public static Terminal OfProcess(IReadOnlyList<int> missing)
    {
        if (OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        }

        Interruption interruption = new();
        bool hasKeyboard = !missing.Contains(0) && !Console.IsInputRedirected;
        bool errorIsScreen = !missing.Contains(2) && !Console.IsErrorRedirected;
        return new Terminal
        {
            Interruption = interruption,
            In = missing.Contains(0) ? Stream.Null : OperatingSystem.IsWindows() ? Console.OpenStandardInput() : new StandardInput(interruption),
            Out = Writer(missing.Contains(1) ? Stream.Null : OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new StandardOutput(1, mayFail: false)),
            Error = Writer(missing.Contains(2) ? Stream.Null : OperatingSystem.IsWindows() ? Console.OpenStandardError() : new StandardOutput(2, mayFail: true)),
            InIsRedirected = !hasKeyboard,
            OutIsScreen = !missing.Contains(1) && !Console.IsOutputRedirected,
            ErrorIsScreen = errorIsScreen,
            Keys = hasKeyboard && errorIsScreen && Environment.GetEnvironmentVariable("TERM") != "dumb" ? () => Key(interruption) : null,
            KeyWaits = () => Console.KeyAvailable,
            Columns = ScreenColumns,
        };
    }

    private static int ScreenColumns()
    {
        try
        {
            return Console.IsOutputRedirected || Console.WindowWidth < 1 ? UsualColumns : Console.WindowWidth;
        }
        catch (IOException)
        {
            return UsualColumns;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Flush(Out);
        Flush(Error);
    }

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };

    private static ConsoleKeyInfo Key(Interruption interruption)
    {
        interruption.ThrowIfEnding();
        return Console.ReadKey(intercept: true);
    }

    private static void Flush(TextWriter writer)
    {
        try
        {
            writer.Flush();
        }
        catch (IOException)
        {
            // A write has failed with it already, and was reported.
        }
    }
}
