using System;
using System.Threading;

namespace GemmaVk.Cli.Terminals;

/// <summary>
/// Ctrl-C. Work that can end in an orderly way listens; where nobody listens, or listens but was signalled already, the
/// program ends.
/// </summary>
internal sealed class Interruption
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _source;

    /// <summary>Starts listening until the result is disposed.</summary>
    public Listener Listen()
    {
        lock (_lock)
        {
            _source = new CancellationTokenSource();
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
