using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

namespace GemmaVk.Cli.Terminals;

/// <summary>
/// What the system tells the program to stop with. Whoever works is asked to end in order; whoever does not within some seconds, or does
/// not listen, is ended. Either way the exit code is 128 and the signal's number, and what runs for this program ends with it.
/// </summary>
internal sealed class Signals : IDisposable
{
    private const int Hangup = 1;
    private const int Quit = 3;
    private const int Terminate = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly Interruption _interruption;
    private readonly List<PosixSignalRegistration> _registered = [];

    public Signals(Interruption interruption)
    {
        _interruption = interruption;
        ulong ignored = Ignored();
        Register(PosixSignal.SIGINT, ExitCode.Interrupted - ExitCode.Signal, ignored);
        Register(PosixSignal.SIGQUIT, Quit, ignored);
        Register(PosixSignal.SIGTERM, Terminate, ignored);
        Register(PosixSignal.SIGHUP, Hangup, ignored);
    }

    public void Dispose() => _registered.ForEach(registration => registration.Dispose());

    // nohup and shells that start work in the background have signals ignored, and want it to stay so.
    private void Register(PosixSignal signal, int number, ulong ignored)
    {
        if ((ignored >> (number - 1) & 1) == 0)
        {
            _registered.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Came(ExitCode.Signal + number);
            }));
        }
    }

    private void Came(int code)
    {
        if (!(code == ExitCode.Interrupted ? _interruption.Signal() : _interruption.End(code)))
        {
            Environment.Exit(code);
        }

        if (code != ExitCode.Interrupted && !_interruption.EndsItself)
        {
            Thread waiting = new(() =>
            {
                Thread.Sleep(Patience);
                Environment.Exit(code);
            })
            { IsBackground = true, Name = "ending" };
            waiting.Start();
        }
    }

    /// <summary>Signals that were ignored when the program started, as bits.</summary>
    private static ulong Ignored()
    {
        try
        {
            string? line = OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) : null;
            return line is null ? 0 : ulong.Parse(line["SigIgn:".Length..], NumberStyles.HexNumber | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return 0;
        }
    }
}
