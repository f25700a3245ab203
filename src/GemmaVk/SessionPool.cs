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
public sealed class SessionPool(GemmaEngine engine, int? context = null) : IDisposable
{
    private readonly SemaphoreSlim _free = new(engine.Plan.Sessions, engine.Plan.Sessions);
    private readonly Lock _gate = new();

    // Idle ones, the one that was used longest ago first.
    private readonly List<GemmaSession> _idle = [];
    private int _most = engine.Plan.Sessions;
    private int _opened;
    private int _waiting;
    private bool _closed;

    /// <summary>Sessions that are taken, and callers that wait for one.</summary>
    public (int Taken, int Waiting) Load
    {
        get
        {
            lock (_gate)
            {
                return (_opened - _idle.Count, _waiting);
            }
        }
    }

    /// <summary>Takes a session for a conversation, once there is one.</summary>
    /// <param name="rows">The conversation.</param>
    /// <param name="salt">Whom it may share rows with: those with the same salt.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="EngineBusyException">As many wait already as may (<see cref="EngineOptions.LongestQueue"/>).</exception>
    /// <exception cref="Tensors.GemmaVkException">Not even one session of so many positions fits.</exception>
    public async Task<GemmaSession> Take(PromptRows rows, string salt = "", CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(salt);
        while (true)
        {
            await Enter(cancel).ConfigureAwait(false);
            if (Idle(rows, salt) is { } idle)
            {
                idle.Isolate(salt);
                return idle;
            }

            try
            {
                GemmaSession opened = engine.NewSession(context);
                opened.Isolate(salt);
                return opened;
            }
            catch (EngineBusyException) when (OthersAreOpen())
            {
                // There is no memory for as many as were planned, of so many positions: the place in the queue that this one had goes with it.
            }
            catch
            {
                lock (_gate)
                {
                    _opened--;
                }

                _free.Release();
                throw;
            }
        }
    }

    /// <summary>Gives a session back, at rest, to be found again by what is in its cache.</summary>
    public void Return(GemmaSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        lock (_gate)
        {
            if (_closed)
            {
                _opened--;
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
            _opened -= _idle.Count;
            _idle.ForEach(session => session.Dispose());
            _idle.Clear();
        }
    }

    /// <summary>Waits for a session that is free, where that is allowed.</summary>
    private async Task Enter(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (_free.Wait(0, CancellationToken.None))
        {
            return;
        }

        lock (_gate)
        {
            if (engine.LongestQueue is { } longest && _waiting >= longest)
            {
                throw EngineBusyException.Of(engine, _opened - _idle.Count, _waiting);
            }

            _waiting++;
        }

        try
        {
            await _free.WaitAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _waiting--;
            }
        }
    }

    /// <summary>The idle session that serves a conversation best; null counts another as opened.</summary>
    private GemmaSession? Idle(PromptRows rows, string salt)
    {
        lock (_gate)
        {
            if (_closed)
            {
                _free.Release();
                throw new ObjectDisposedException(nameof(SessionPool));
            }

            GemmaSession? best = _idle.Count > 0 ? Best(rows, salt) : null;
            if (best is null)
            {
                _opened++;
            }
            else
            {
                _idle.Remove(best);
            }

            return best;
        }
    }

    /// <summary>Whether a session that did not fit can be waited for: then there are as many as there will be.</summary>
    private bool OthersAreOpen()
    {
        lock (_gate)
        {
            if (_opened == 1)
            {
                return false;
            }

            _most = --_opened;
            return true;
        }
    }

    /// <summary>The idle session to use, or null to open another.</summary>
    private GemmaSession? Best(PromptRows rows, string salt)
    {
        bool full = _opened == _most;
        (GemmaSession best, int most) = (_idle[0], 0);
        foreach (GemmaSession session in _idle)
        {
            int reusable = session.Salt == salt ? session.Reusable(rows) : 0;
            (best, most) = reusable > most ? (session, reusable) : (best, most);
        }

        // What another conversation said is kept for it while there is room: most of it must go on.
        return full || 4L * most >= 3L * best.Length ? best : null;
    }
}
