using System.Threading;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Telemetry;

/// <summary>What a client has done so far. From any thread.</summary>
internal sealed class ClientTotals
{
    private long _calls;
    private long _input;
    private long _cached;
    private long _drafts;
    private long _kept;
    private double _bandwidth;
    private volatile bool _closed;

    /// <summary>Whether the client was disposed of.</summary>
    public bool Closed { get => _closed; set => _closed = value; }

    /// <summary>Calls that have not ended.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Share of input tokens that were cached, or null before the first.</summary>
    public double? PrefixHits => Interlocked.Read(ref _input) is > 0 and long input ? (double)Interlocked.Read(ref _cached) / input : null;

    /// <summary>Share of drafts that were confirmed, or null without any.</summary>
    public double? DraftAcceptance => Interlocked.Read(ref _drafts) is > 0 and long drafts ? (double)Interlocked.Read(ref _kept) / drafts : null;

    /// <summary>Bytes per second of the newest answer, or null before it.</summary>
    public double? Bandwidth => Volatile.Read(ref _bandwidth) is > 0 and double bandwidth ? bandwidth : null;

    /// <summary>A call begins; it ends when the result is disposed of.</summary>
    public Call Begin()
    {
        Interlocked.Increment(ref _calls);
        return new Call(this);
    }

    /// <summary>An answer came to its end.</summary>
    public void Add(GenerationStats stats, int reused)
    {
        Interlocked.Add(ref _input, stats.PromptTokens + reused);
        Interlocked.Add(ref _cached, reused);
        if (stats.Drafting is { } drafting)
        {
            Interlocked.Add(ref _drafts, drafting.Drafts);
            Interlocked.Add(ref _kept, drafting.Kept);
        }

        if (stats.BytesPerSecond > 0)
        {
            Volatile.Write(ref _bandwidth, stats.BytesPerSecond);
        }
    }

    /// <summary>A call that has not ended.</summary>
    public readonly struct Call(ClientTotals totals) : System.IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref totals._calls);
    }
}
