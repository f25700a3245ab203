using System;
using System.Threading;

namespace GemmaVk.Cli.Terminals;

/// <summary>How many of how many, on the last line of the screen; silent when nobody watches, gone when disposed.</summary>
internal sealed class CountLine(Terminal terminal, string what) : IDisposable
{
    private readonly Lock _lock = new();
    private int _length;

    /// <summary>Says how far it is.</summary>
    public void Show(int done, int of)
    {
        if (!terminal.ErrorIsScreen)
        {
            return;
        }

        lock (_lock)
        {
            string line = $"{done} of {of} {what}";
            terminal.Error.Write($"\r{line.PadRight(_length)}");
            _length = line.Length;
        }
    }

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
