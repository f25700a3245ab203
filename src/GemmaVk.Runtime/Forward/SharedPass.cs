using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Runtime.Forward;

// Letters: T rows of a part; all parts together have at most 8.

/// <summary>
/// One decoding pass over rows of several sessions: weights are read once for all of them, and each session looks at its own cache. A
/// row's bits do not depend on the rows beside it, so each session draws what it would have drawn alone.
/// </summary>
/// <param name="model">Whose sessions.</param>
internal sealed class SharedPass(GemmaModel model)
{
    private const int MostRecordings = 32;
    private readonly Dictionary<Key, SharedRecording> _recordings = [];
    private readonly Key _key = new();
    private readonly int[] _drawn = new int[MatVec.MaxRows];
    private readonly Session[] _sessions = new Session[MatVec.MaxRows];
    private readonly (AnswerLogits? Logits, int First, bool Masked)[] _own = new (AnswerLogits?, int, bool)[MatVec.MaxRows];
    private int _parts;
    private int _rows;

    /// <summary>Rows that can still be added.</summary>
    public int Room => MatVec.MaxRows - _rows;

    /// <summary>
    /// Adds rows behind the end of a session's cache. They count only once <see cref="Session.Keep"/> takes them in.
    /// </summary>
    /// <param name="session">Not among the parts yet.</param>
    /// <param name="ids">The newest token and its drafts, no more than <see cref="Room"/> and than the context has room for.</param>
    /// <param name="choice">How to draw.</param>
    /// <param name="allowed">Which tokens may be drawn, ceil(V / 32) words for each row; none for all.</param>
    /// <param name="logits">Draws in its own way where given.</param>
    /// <returns>The part's first row.</returns>
    public int Add(Session session, ReadOnlySpan<int> ids, in Sample.Choice choice, ReadOnlySpan<uint> allowed = default, AnswerLogits? logits = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Length, Room);
        int row = _rows;
        int first = session.Cache.Reserve(ids.Length);
        _ = model.Forward.Place(ids, first, row);
        model.Forward.WriteAllowed(row, allowed);
        _sessions[_parts] = session;
        _own[_parts] = (logits, row, !allowed.IsEmpty);
        _key.Set(_parts++, session.Cache.StorageId, ids.Length, logits is null ? choice : null, !allowed.IsEmpty);
        _rows += ids.Length;
        return row;
    }

    /// <summary>Runs the pass over all parts that were added, and begins anew.</summary>
    /// <returns>One token per row, valid until the next pass.</returns>
    /// <exception cref="Tensors.GemmaVkException">A file that is computed from in place was written to.</exception>
    public ReadOnlySpan<int> Run()
    {
        (int rows, int parts) = (_rows, _parts);
        _key.Count = parts;
        model.Weights.CheckUnchanged();
        IRecording recording = Recording(parts);
        model.Forward.Write(rows, rows);
        model.Backend.Run(recording);
        foreach ((AnswerLogits? logits, int first, bool masked) in _own.AsSpan(0, parts))
        {
            logits?.Draw(first, masked);
        }

        Clear();
        model.Backend.Read(model.Buffers.Drawn, _drawn.AsSpan());
        return _drawn.AsSpan(0, rows);
    }

    /// <summary>Forgets the parts that were added.</summary>
    public void Clear()
    {
        (_rows, _parts) = (0, 0);
        Array.Clear(_sessions);
        Array.Clear(_own);
    }

    private IRecording Recording(int parts)
    {
        if (_recordings.TryGetValue(_key, out SharedRecording? known) && known.Recording is { } recording)
        {
            return recording;
        }

        if (_recordings.Count >= MostRecordings)
        {
            DropRecordings();
        }

        SharedRecording shared = new(Record(parts));
        _recordings[_key.Copy()] = shared;
        for (int i = 0; i < parts; i++)
        {
            List<SharedRecording> kept = _sessions[i].Cache.SharedRecordings;
            kept.RemoveAll(other => other.Recording is null);
            kept.Add(shared);
        }

        return shared.Recording!;
    }

    /// <summary>Who runs beside whom changes with every session that comes or ends: the number of recorded passes stays bounded.</summary>
    private void DropRecordings()
    {
        foreach (SharedRecording recording in _recordings.Values)
        {
            recording.Dispose();
        }

        _recordings.Clear();
    }

    // In a method of its own, so that the closure is not made on every step.
    private IRecording Record(int parts)
    {
        PassPart[] all = new PassPart[parts];
        int row = 0;
        for (int i = 0; i < parts; i++)
        {
            (_, int T, Sample.Choice? choice, bool masked) = _key[i];
            all[i] = new PassPart(_sessions[i].Cache.Layers, row, T, choice, masked);
            row += T;
        }

        return model.Backend.Record($"pass of {parts} sessions", pass => model.Forward.Record(pass, all, row));
    }

    /// <summary>Which memory has how many rows in the pass, and how they are drawn.</summary>
    private sealed class Key : IEquatable<Key>
    {
        private readonly (long Storage, int T, Sample.Choice? Choice, bool Masked)[] _parts;

        public Key() => _parts = new (long, int, Sample.Choice?, bool)[MatVec.MaxRows];

        private Key(Key other) => (_parts, Count) = ([.. other._parts.Take(other.Count)], other.Count);

        public int Count { get; set; }

        public (long Storage, int T, Sample.Choice? Choice, bool Masked) this[int part] => _parts[part];

        public void Set(int part, long storage, int T, in Sample.Choice? choice, bool masked) => _parts[part] = (storage, T, choice, masked);

        public Key Copy() => new(this);

        public bool Equals(Key? other) => other is not null && _parts.AsSpan(0, Count).SequenceEqual(other._parts.AsSpan(0, other.Count));

        public override bool Equals(object? obj) => Equals(obj as Key);

        public override int GetHashCode()
        {
            HashCode hash = new();
            for (int i = 0; i < Count; i++)
            {
                hash.Add(_parts[i].Storage);
                hash.Add(_parts[i].T);
            }

            return hash.ToHashCode();
        }
    }
}
