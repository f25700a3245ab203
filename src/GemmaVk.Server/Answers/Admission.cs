using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Server.Http;

namespace GemmaVk.Server.Answers;

/// <summary>
/// A bounded queue before the model: so many answers run, so many wait in the order they came, and one more is told to come again, as is who waited too long.
/// </summary>
/// <param name="slots">Answers side by side.</param>
/// <param name="most">Answers that may wait.</param>
/// <param name="longest">How long each may.</param>
/// <param name="waited">Called with each time in the queue, and whether a turn came of it.</param>
internal sealed class Admission(int slots, int most, TimeSpan longest, Action<TimeSpan, bool> waited) : IDisposable
{
    private const int Retry = 2;
    private readonly SemaphoreSlim _free = new(slots, slots);
    private readonly Lock _gate = new();
    private int _entered;

    /// <summary>Answers side by side.</summary>
    public int Slots => slots;

    /// <summary>Answers that run, and those that wait.</summary>
    public (int Running, int Waiting) Load
    {
        get
        {
            lock (_gate)
            {
                return (Math.Min(_entered, slots), Math.Max(0, _entered - slots));
            }
        }
    }

    /// <summary>Whether one more would be told to come again.</summary>
    public bool Full => Load.Waiting >= most && Load.Running == slots;

    /// <summary>Takes a place in the queue.</summary>
    /// <param name="places">Answers that the request wants at once.</param>
    /// <exception cref="ApiException">The queue is full.</exception>
    public Place Enter(int places = 1)
    {
        lock (_gate)
        {
            if (_entered > 0 && _entered + places > slots + most)
            {
                throw new ApiException(429, $"{_entered} answers run or wait already, and {slots + most} may; come again.", code: "queue_full") { RetryAfter = Retry };
            }

            _entered += places;
            return new Place(this, places, Math.Max(0, _entered - slots));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _free.Dispose();

    private async Task Turn(CancellationToken cancel)
    {
        long came = Stopwatch.GetTimestamp();
        bool turn = await _free.WaitAsync(longest, cancel).ConfigureAwait(false);
        waited(Stopwatch.GetElapsedTime(came), turn);
        if (!turn)
        {
            throw new ApiException(503, $"No turn came within {longest.TotalSeconds} s, the longest time in the queue; come again, or start the server with a longer --queue-time or more --sessions.", code: "queue_time")
            {
                RetryAfter = Retry,
            };
        }
    }

    private void Leave(int places)
    {
        lock (_gate)
        {
            _entered -= places;
        }
    }

    /// <summary>A place in the queue, held until disposed.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="places">How many answers.</param>
    /// <param name="ahead">Answers that waited when this came, its own included.</param>
    internal sealed class Place(Admission owner, int places, int ahead) : IDisposable
    {
        private bool _left;

        /// <summary>Answers that waited when this came, its own included; 0 where none did.</summary>
        public int Ahead => ahead;

        /// <summary>Waits for a turn, runs, and lets the next in.</summary>
        /// <exception cref="ApiException">No turn came in time.</exception>
        public async Task<T> Run<T>(Func<Task<T>> answer, CancellationToken cancel)
        {
            await owner.Turn(cancel).ConfigureAwait(false);
            try
            {
                return await answer().ConfigureAwait(false);
            }
            finally
            {
                owner._free.Release();
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (!_left)
            {
                _left = true;
                owner.Leave(places);
            }
        }
    }
}
