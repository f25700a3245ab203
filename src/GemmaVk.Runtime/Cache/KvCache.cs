using System;
using System.Collections.Generic;
using System.Threading;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;

namespace GemmaVk.Runtime.Cache;

/// <summary>
/// A session's keys and values: one <see cref="LayerKv"/> per layer and the number of positions they hold. A fork
/// shares the memory until one of the two appends; only then are the rows copied.
/// </summary>
public sealed class KvCache : IDisposable
{
    private readonly IBackend _backend;
    private readonly IReadOnlyList<LayerPlan> _plan;
    private readonly Precision _precision;
    private readonly IReadOnlyList<KeysFromValues?> _fromValues;
    private Storage _storage;

    /// <summary>Allocates an empty cache for <paramref name="context"/> positions.</summary>
    /// <param name="backend">Owner of the memory.</param>
    /// <param name="plan">All layers.</param>
    /// <param name="context">Most positions it can hold.</param>
    /// <param name="chunk">Most rows one pass may append.</param>
    /// <param name="precision">Numbers of the cache, and what full layers keep.</param>
    /// <param name="fromValues">Per layer, how keys are rebuilt where values alone are kept.</param>
    public KvCache(
        IBackend backend, IReadOnlyList<LayerPlan> plan, int context, int chunk, Precision precision, IReadOnlyList<KeysFromValues?> fromValues)
    {
        _backend = backend;
        _plan = plan;
        _precision = precision;
        _fromValues = fromValues;
        Context = context;
        Chunk = chunk;
        _storage = new Storage(Allocate());
    }

    private KvCache(KvCache other)
    {
        _backend = other._backend;
        _plan = other._plan;
        _precision = other._precision;
        _fromValues = other._fromValues;
        Context = other.Context;
        Chunk = other.Chunk;
        Length = other.Length;
        Oldest = other.Oldest;
        _storage = other._storage;
        _storage.Owners++;
    }

    /// <summary>Most positions it can hold.</summary>
    public int Context { get; }

    /// <summary>Most rows one pass may append, and most rows <see cref="Rewind"/> can always take back.</summary>
    public int Chunk { get; }

    /// <summary>Positions held: 0 .. Length - 1.</summary>
    public int Length { get; private set; }

    /// <summary>Recordings that use this memory, by what they run.</summary>
    internal Dictionary<PassKey, IRecording> Recordings => _storage.Recordings;

    /// <summary>Recordings that use this memory and that of other caches.</summary>
    internal List<SharedRecording> SharedRecordings => _storage.SharedRecordings;

    /// <summary>Number of this memory, which no other has had.</summary>
    internal long StorageId => _storage.Id;

    /// <summary>Recordings of drafts that read this memory, by who makes them and how many.</summary>
    internal Dictionary<(Drafter By, int Drafts), IRecording> DraftRecordings => _storage.DraftRecordings;

    /// <summary>Smallest length that a rewind may go back to: older rows of the rings are overwritten.</summary>
    internal int Oldest { get; private set; }

    /// <summary>One cache per layer. Another list once <see cref="Append"/> has parted a fork from its origin.</summary>
    public IReadOnlyList<LayerKv> Layers => _storage.Layers;

    /// <summary>Makes room for <paramref name="rows"/> more positions, which the next pass writes.</summary>
    /// <returns>The position of the first new row.</returns>
    /// <exception cref="InvalidOperationException">More rows than a chunk, or than the context has left.</exception>
    public int Append(int rows)
    {
        int first = Reserve(rows);
        Length += rows;
        Oldest = Math.Max(Oldest, Length - Chunk);
        return first;
    }

    /// <summary>
    /// Makes room for rows that the next pass writes behind the end without their counting yet: <see cref="Append"/> takes
    /// in those that stay, one by one, and the others are as if they had never been.
    /// </summary>
    /// <returns>The position of the first of them.</returns>
    /// <exception cref="InvalidOperationException">More rows than a chunk, or than the context has left.</exception>
    internal int Reserve(int rows)
    {
        if (rows > Chunk || Length + rows > Context)
        {
            throw new InvalidOperationException($"cannot append {rows} rows to {Length} of {Context} with chunks of {Chunk}");
        }

        Own();
        return Length;
    }

    /// <summary>Makes sure that what is written is seen by no fork.</summary>
    internal void Own()
    {
        if (_storage.Owners > 1 && !Rewrites)
        {
            Detach();
        }
    }

    /// <summary>
    /// Forgets the newest rows: the cache is as if they had never been appended. Always possible for the rows of the
    /// last chunk; for more only as long as no ring has wrapped over what would be needed again.
    /// </summary>
    /// <exception cref="InvalidOperationException">The rings no longer hold the rows before that point.</exception>
    public void Rewind(int rows)
    {
        if (!CanRewind(rows))
        {
            throw new InvalidOperationException($"cannot take back {rows} of {Length} rows: the sliding layers keep {Chunk}");
        }

        Length -= rows;
        Oldest = Length == 0 ? 0 : Oldest;
    }

    /// <summary>Whether what is appended are the rows that were there before, of all forks that share them.</summary>
    internal bool Rewrites { get; set; }

    /// <summary>Counts rows that were written from outside, in place of all there were.</summary>
    /// <param name="length">Positions.</param>
    /// <param name="oldest">Smallest length that a rewind may go back to.</param>
    internal void Resume(int length, int oldest) => (Length, Oldest) = (length, oldest);

    /// <summary>Whether <see cref="Rewind"/> can take back that many rows.</summary>
    public bool CanRewind(int rows) => rows >= 0 && (rows == Length || Length - rows >= Oldest) && rows <= Length;

    /// <summary>A second cache with the same content. Costs nothing until one of the two appends.</summary>
    public KvCache Fork() => new(this);

    /// <inheritdoc/>
    public void Dispose() => _storage.Release();

    private LayerKv[] Allocate()
    {
        LayerKv[] layers = new LayerKv[_plan.Count];
        try
        {
            for (int i = 0; i < layers.Length; i++)
            {
                layers[i] = new LayerKv(_backend, _plan[i], Context, Chunk, _precision, _fromValues[i]);
            }
        }
        catch
        {
            Array.ForEach(layers, layer => layer?.Dispose());
            throw;
        }

        return layers;
    }

    private void Detach()
    {
        LayerKv[] layers = Allocate();
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i].CopyFrom(_backend, _storage.Layers[i]);
        }

        _storage.Release();
        _storage = new Storage(layers);
    }

    private sealed class Storage(LayerKv[] layers)
    {
        private static long _storages;

        public long Id { get; } = Interlocked.Increment(ref _storages);

        public List<SharedRecording> SharedRecordings { get; } = [];

        public LayerKv[] Layers { get; } = layers;

        public Dictionary<PassKey, IRecording> Recordings { get; } = [];

        public Dictionary<(Drafter By, int Drafts), IRecording> DraftRecordings { get; } = [];

        public int Owners { get; set; } = 1;

        public void Release()
        {
            if (--Owners > 0)
            {
                return;
            }

            foreach (IRecording recording in (IEnumerable<IRecording>)[.. Recordings.Values, .. DraftRecordings.Values])
            {
                recording.Dispose();
            }

            SharedRecordings.ForEach(recording => recording.Dispose());
            Recordings.Clear();
            DraftRecordings.Clear();
            SharedRecordings.Clear();
            Array.ForEach(Layers, layer => layer.Dispose());
        }
    }
}

/// <summary>What a recorded pass does: rows, rows of logits, and whether and how it draws tokens.</summary>
/// <param name="T">Rows of the pass.</param>
/// <param name="LogitRows">Newest rows that go through the head: 0 to 8.</param>
/// <param name="Choice">How tokens are drawn, or null when logits are wanted.</param>
/// <param name="Masked">Whether only the tokens of a mask may be drawn.</param>
internal readonly record struct PassKey(int T, int LogitRows, Sample.Choice? Choice, bool Masked);
