using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk;

/// <summary>
/// The sessions behind callers that bring the whole conversation each time. A conversation gets the free session that has most of it
/// in its cache already; one that is new gets a session of its own while there are any, then the one that was used longest ago.
/// </summary>
/// <param name="engine">Whose sessions; as many as memory was planned for.</param>
/// <param name="context">Positions of each, or null for <see cref="GemmaEngine.DefaultContextLength"/>.</param>
internal sealed class SessionPool(GemmaEngine engine, int? context) : IDisposable
{
    private readonly SemaphoreSlim _free = new(engine.Plan.Sessions, engine.Plan.Sessions);
    private readonly Lock _gate = new();

    // Idle ones, the one that was used longest ago first.
    private readonly List<GemmaSession> _idle = [];
    private int _opened;
    private bool _closed;

    /// <summary>Takes a session for a conversation, once there is one.</summary>
    /// <param name="rows">The conversation.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<GemmaSession> Take(PromptRows rows, CancellationToken cancel)
    {
        await _free.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_closed, this);
                if (_idle.Count > 0 && Best(rows) is { } best)
                {
                    _idle.Remove(best);
                    return best;
                }

                _opened++;
            }

            try
            {
                return engine.NewSession(context);
            }
            catch
            {
                lock (_gate)
                {
                    _opened--;
                }

                throw;
            }
        }
        catch
        {
            _free.Release();
            throw;
        }
    }

    /// <summary>Gives a session back, to be found again by what is in its cache.</summary>
    public void Return(GemmaSession session)
    {
        lock (_gate)
        {
            if (_closed)
            {
                session.Dispose();
            }
            else
            {
                _idle.Add(session);
            }
        }

        _free.Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _idle.ForEach(session => session.Dispose());
            _idle.Clear();
        }
    }

    /// <summary>The idle session to use, or null to open another.</summary>
    private GemmaSession? Best(PromptRows rows)
    {
        bool full = _opened == engine.Plan.Sessions;
        (GemmaSession best, int most) = (_idle[0], _idle[0].Reusable(rows));
        foreach (GemmaSession session in _idle)
        {
            int reusable = session.Reusable(rows);
            (best, most) = reusable > most ? (session, reusable) : (best, most);
        }

        // What another conversation said is kept for it while there is room: most of it must go on.
        return full || 4L * most >= 3L * best.Length ? best : null;
    }
}
