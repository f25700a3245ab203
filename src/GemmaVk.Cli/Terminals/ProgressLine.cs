using System;
using System.Diagnostics;
using System.Globalization;
using System.Threading;

namespace GemmaVk.Cli.Terminals;

/// <summary>
/// A bar with GB/s on the last line of the screen, for bytes that come from any thread. Silent for the first 0.3 s and
/// when nobody watches; gone when disposed.
/// </summary>
internal sealed class ProgressLine(Terminal terminal, string what) : IDisposable
{
    private const int Width = 24;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(0.3);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.1);
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Lock _lock = new();
    private TimeSpan _shown;
    private int _length;

    /// <summary>Says how far it is.</summary>
    /// <param name="done">Bytes so far.</param>
    /// <param name="total">Bytes in all.</param>
    public void Show(long done, long total)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
        if (!terminal.ErrorIsScreen || elapsed < Quiet)
        {
            return;
        }

        lock (_lock)
        {
            if (_length > 0 && elapsed - _shown < Pause)
            {
                return;
            }

            _shown = elapsed;
            string line = Format(what, done, total, elapsed);
            terminal.Error.Write($"\r{line.PadRight(_length)}");
            _length = line.Length;
        }
    }

    /// <summary>The line for a state.</summary>
    public static string Format(string what, long done, long total, TimeSpan elapsed)
    {
        double share = total > 0 ? Math.Clamp((double)done / total, 0, 1) : 0;
        int full = (int)(share * Width);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what} [{new string('#', full)}{new string('.', Width - full)}] {share,4:P0}  {done / 1e9:F2} of {total / 1e9:F2} GB, {done / 1e9 / elapsed.TotalSeconds:F2} GB/s");
    }

    /// <summary>The line after the work.</summary>
    public static string Summary(string what, long bytes, TimeSpan elapsed) => string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: {bytes / 1e9:F3} GB in {elapsed.TotalSeconds:F1} s, {bytes / 1e9 / elapsed.TotalSeconds:F2} GB/s");

    /// <summary>Clears the line.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_length > 0)
            {
                terminal.Error.Write($"\r{new string(' ', _length)}\r");
                _length = 0;
            }
        }
    }
}
