using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Runtime.Prefixes;

// Letters: W window of the sliding layers.

/// <summary>
/// Beginnings of conversations that were taken in once and serve all: a tree of sealed rows in main memory, found by token ids and by the
/// content of media. A session that starts, or that went back behind what its rings hold, goes on from the longest beginning there is.
/// Nothing is computed from the copies: they are written back byte for byte, so that answers are what they would be without.
/// </summary>
/// <remarks>
/// Full layers keep every row, so a beginning costs their rows once, however many conversations share it. Sliding layers keep a ring, so
/// each place to go on from has a ring of its own, by far the most of its bytes. Places are <see cref="Spacing"/> apart: one window,
/// rounded up to whole chunks; closer ones would hold the same rows twice. One more is where the head of a conversation ends
/// (<see cref="PromptRows.Head"/>). Where room is short the rings that were of no use for longest go first, then rows that nothing stands on.
/// Looking up is safe from any thread; what copies runs where the device is free.
/// Sources: arXiv:2312.07104 section 3 (RadixAttention: a tree, least recently used leaves go first); arXiv:2309.06180 section 4.3.
/// </remarks>
public sealed class PrefixStore
{
    private const int LargestPage = 256 << 10;
    private const int SmallestPage = 4 << 10;

    private readonly GemmaModel _model;
    private readonly PageStock _stock;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SealedPrefix> _roots = [];
    private readonly int _window;
    private long _clock;

    /// <summary>An empty store.</summary>
    /// <param name="model">Whose sessions.</param>
    /// <param name="bytes">Most main memory for the copies.</param>
    public PrefixStore(GemmaModel model, long bytes)
        : this(model, bytes, (int)Math.Clamp(bytes / 256 / SmallestPage * SmallestPage, SmallestPage, LargestPage))
    {
    }

    internal PrefixStore(GemmaModel model, long bytes, int pageBytes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        (_model, Bytes, _stock) = (model, bytes, new PageStock(bytes, pageBytes));
        _window = WindowOf(model.Plan);
        Spacing = SpacingFor(model.Plan, model.Chunk);
    }

    /// <summary>Most bytes.</summary>
    public long Bytes { get; }

    /// <summary>Bytes in use.</summary>
    public long HeldBytes
    {
        get
        {
            lock (_gate)
            {
                return _stock.UsedBytes;
            }
        }
    }

    /// <summary>Positions from one place to go on from to the next.</summary>
    public int Spacing { get; }

    /// <summary>Rows that sessions were given instead of taking them in.</summary>
    public long RowsGiven { get; private set; }

    /// <summary>The spacing for a model: its window in whole chunks.</summary>
    public static int SpacingFor(IReadOnlyList<LayerPlan> plan, int chunk) => (Math.Max(1, WindowOf(plan)) + chunk - 1) / chunk * chunk;

    /// <summary>Makes a place to go back to for a session where it stands now.</summary>
    public void Keep(Session session)
    {
        ArgumentNullException.ThrowIfNull(session);
        Seal(session, session.Length, new PassLog(), plain: false);
    }

    /// <summary>Writes the newest place that <see cref="Keep"/> made back over the session that stands there: what sharing costs, to be measured.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TryGive(Session session)
    {
        ArgumentNullException.ThrowIfNull(session);
        PromptRows past = session.Past.Then(session.Ids.Length == 0 ? 0 : session.Ids[0]);
        session.Rewind(session.Length);
        return Resume(session, past);
    }

    /// <summary>How many rows of a conversation a session could go on from.</summary>
    internal int Longest(Session session, PromptRows prompt)
    {
        lock (_gate)
        {
            return Find(session, prompt)?.End ?? 0;
        }
    }

    /// <summary>
    /// Takes a session to the longest beginning of a conversation that is held and that is longer than what the session holds of it.
    /// </summary>
    /// <param name="session">What it holds is the beginning of the conversation too.</param>
    /// <param name="prompt">The whole conversation.</param>
    /// <returns>Whether there was one.</returns>
    internal bool Resume(Session session, PromptRows prompt)
    {
        SealedPrefix? found;
        lock (_gate)
        {
            found = Find(session, prompt);
            if (found is null || found.End <= session.Length)
            {
                return false;
            }

            Use(found);
            RowsGiven += found.End - session.Length;
        }

        // Only what runs here takes rows out of the tree.
        KvCache kv = session.Cache;
        kv.Own();
        found.Rings?.Write(_model.Backend, kv, _model.Plan);
        for (SealedPrefix? node = found; node?.Full is { } rows; node = node.Parent)
        {
            rows.Write(_model.Backend, kv, _model.Plan);
        }

        session.Replace(prompt, found.End, found.Passes, found.Owner == 0);
        return true;
    }

    /// <summary>Copies a session's beginning of <paramref name="end"/> rows, unless it is held already or there is no room.</summary>
    /// <param name="session">Its rings still hold the window before the end.</param>
    /// <param name="end">A place that splits no picture.</param>
    /// <param name="passes">How its rows were made.</param>
    /// <param name="plain">Whether they are those that any session would make.</param>
    internal void Seal(Session session, int end, PassLog passes, bool plain)
    {
        lock (_gate)
        {
            PromptRows past = session.Past;
            if (!_roots.TryGetValue(session.Salt, out SealedPrefix? root))
            {
                root = new SealedPrefix(null, 0, PromptRows.None, 0, new PassLog());
                _roots.Add(session.Salt, root);
            }

            long owner = plain ? 0 : session.Lineage;
            SealedPrefix node = root;
            while (node.Next.Where(next => next.End <= end && (next.Owner == 0 || next.Owner == owner) && next.Matches(past)).MaxBy(next => next.End) is { } next)
            {
                node = next;
            }

            bool isNew = node.End < end;
            if (isNew)
            {
                node = new SealedPrefix(node, end, past, owner, passes.Until(end));
                node.Parent!.Next.Add(node);
            }

            Use(node);
            int ring = Math.Max(0, end - _window + 1);
            bool done = false;
            try
            {
                done = (!isNew || Copy(session, node, sliding: false, node.First, end)) && (node.Rings is not null || Copy(session, node, sliding: true, ring, end));
            }
            catch (DeviceLostException)
            {
                // What is kept here is a help, not the answer: the next pass meets the lost device too, where it can be opened anew.
            }
            finally
            {
                if (isNew && !done)
                {
                    Drop(node);
                }

                DropEmptyRoots();
            }
        }
    }

    /// <summary>Forgets what served one session alone.</summary>
    internal void Forget(Session session)
    {
        lock (_gate)
        {
            if (_roots.TryGetValue(session.Salt, out SealedPrefix? root))
            {
                foreach (SealedPrefix own in All(root).Where(node => node.Owner == session.Lineage).ToArray())
                {
                    Release(own);
                    own.Parent!.Next.Remove(own);
                }

                DropEmptyRoots();
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (SealedPrefix node in _roots.Values.SelectMany(All))
            {
                Release(node);
            }

            _roots.Clear();
        }
    }

    private static int WindowOf(IReadOnlyList<LayerPlan> plan) => plan.Max(layer => layer.SlidingWindow);

    private SealedPrefix? Find(Session session, PromptRows prompt)
    {
        SealedPrefix? best = null;
        Stack<SealedPrefix> open = new();
        if (_roots.TryGetValue(session.Salt, out SealedPrefix? root))
        {
            open.Push(root);
        }

        while (open.TryPop(out SealedPrefix? node))
        {
            foreach (SealedPrefix next in node.Next)
            {
                // A row is left for the next pass.
                if (next.End < prompt.Length && next.End <= session.Context && (next.Owner == 0 || next.Owner == session.Lineage) && next.Matches(prompt))
                {
                    open.Push(next);
                    bool goesOn = next.Owner != 0 || PassRule.GoesOn(prompt, next.End, next.Passes.IsWide(next.End - 1), _model.Chunk);
                    best = next.Rings is not null && goesOn && next.End > (best?.End ?? 0) ? next : best;
                }
            }
        }

        return best;
    }

    private void Use(SealedPrefix node) => node.Used = ++_clock;

    private bool Copy(Session session, SealedPrefix node, bool sliding, int first, int end)
    {
        long bytes = (end - first) * SealedRows.RowBytes(session.Cache, _model.Plan, sliding);
        if (!MakeRoom(_stock.PagesFor(bytes), node))
        {
            return false;
        }

        SealedRows rows = SealedRows.Of(_model.Backend, session.Cache, _model.Plan, sliding, first, end, _stock);
        (node.Full, node.Rings) = sliding ? (node.Full, rows) : (rows, node.Rings);
        return true;
    }

    /// <summary>Lets go of what was of no use for longest, until there is room.</summary>
    private bool MakeRoom(long pages, SealedPrefix wanted)
    {
        while (_stock.Left < pages)
        {
            // What can never fit shall cost nobody else's place.
            SealedPrefix? oldest = pages > _stock.Most ? null : _roots.Values.SelectMany(All).Where(node => node.Rings is not null && node != wanted).MinBy(node => node.Used);
            if (oldest is null)
            {
                return false;
            }

            oldest.Rings!.Release();
            oldest.Rings = null;
            for (SealedPrefix? node = oldest; node is { Parent: not null, Rings: null, Next.Count: 0 } && node != wanted;)
            {
                SealedPrefix parent = node.Parent;
                Drop(node);
                node = parent;
            }
        }

        return true;
    }

    /// <summary>Takes a node out that nothing stands on.</summary>
    private static void Drop(SealedPrefix node)
    {
        Release(node);
        node.Parent!.Next.Remove(node);
    }

    private void DropEmptyRoots()
    {
        foreach ((string salt, SealedPrefix root) in _roots)
        {
            if (root.Next.Count == 0)
            {
                _roots.Remove(salt);
            }
        }
    }

    private static void Release(SealedPrefix node)
    {
        node.Full?.Release();
        node.Rings?.Release();
        (node.Full, node.Rings) = (null, null);
    }

    private static IEnumerable<SealedPrefix> All(SealedPrefix root) => root.Next.SelectMany(next => All(next).Prepend(next));
}
