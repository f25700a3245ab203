using System;
using System.Threading;

namespace GemmaVk.Cli.Terminals;

/// <summary>
/// Ctrl-C, and the signals that end a program. Work that can end in an orderly way listens; where nobody listens, or listens but
/// was signalled already, the program ends.
/// </summary>
internal sealed class Interruption
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _source;

    /// <summary>Whether who listens ends the program by itself, however long that takes, and as it should end: a server.</summary>
    public bool EndsItself { get; private set; }

    /// <summary>How the program is to end; null until a signal other than Ctrl-C has come.</summary>
    public int? Ending { get; private set; }

    /// <summary>Starts listening until the result is disposed.</summary>
    /// <param name="endsItself">Whether a signal is only the order to end, after which the program ends as if its work were done.</param>
    public Listener Listen(bool endsItself = false)
    {
        lock (_lock)
        {
            EndsItself = endsItself;
            _source = new CancellationTokenSource();
            if (Ending is not null)
            {
                _source.Cancel();
            }

            return new Listener(this, _source);
        }
    }

    /// <summary>What Ctrl-C does.</summary>
    /// <returns>Whether somebody listened who had not been told before.</returns>
    public bool Signal()
    {
        lock (_lock)
        {
            if (_source is null || _source.IsCancellationRequested)
            {
                return false;
            }

            _source.Cancel();
            return true;
        }
    }

    /// <summary>What a signal does after which nothing new begins: no other answer of a chat, no next prompt.</summary>
    /// <param name="code">How the program ends.</param>
    /// <returns>Whether somebody listened who had not been told before.</returns>
    public bool End(int code)
    {
        lock (_lock)
        {
            Ending ??= EndsItself ? null : code;
            return Signal();
        }
    }

    /// <exception cref="OperationCanceledException">The program is to end.</exception>
    public void ThrowIfEnding()
    {
        if (Ending is not null)
        {
            throw new OperationCanceledException();
        }
    }

    /// <summary>Someone who wants to know.</summary>
    internal readonly struct Listener(Interruption owner, CancellationTokenSource source) : IDisposable
    {
        /// <summary>Cancelled by Ctrl-C.</summary>
        public CancellationToken Token => source.Token;

        public void Dispose()
        {
            lock (owner._lock)
            {
                owner._source = null;
                source.Dispose();
            }
        }
    }
}
