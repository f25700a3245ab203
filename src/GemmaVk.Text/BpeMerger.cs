using System;
using System.Buffers;

namespace GemmaVk.Text;

/// <summary>
/// The merging of byte-pair encoding: always the pair of neighbours with the lowest rank in the whole segment, the leftmost one of
/// equals. Neighbours form a linked list and candidates a heap, so a segment of n symbols costs n log n. Source: Sennrich, Haddow and
/// Birch, "Neural Machine Translation of Rare Words with Subword Units", 2016.
/// </summary>
internal ref struct BpeMerger
{
    private readonly MergeTable _merges;
    private readonly Span<int> _ids;
    private readonly Span<int> _next;
    private readonly Span<int> _previous;

    /// <summary>Rank of the merge of a symbol with its next, -1 for none; a heap entry with another rank is out of date.</summary>
    private readonly Span<int> _rank;
    private readonly Span<ulong> _heap;
    private int _count;

    private BpeMerger(MergeTable merges, Span<int> ids, Span<int> work, Span<ulong> heap)
    {
        _merges = merges;
        _ids = ids;
        int n = ids.Length;
        _next = work[..n];
        _previous = work.Slice(n, n);
        _rank = work.Slice(2 * n, n);
        _heap = heap;
    }

    /// <summary>Merges in place and returns how many ids are left at the front of <paramref name="ids"/>.</summary>
    public static int Merge(MergeTable merges, Span<int> ids)
    {
        int n = ids.Length;
        if (n < 2)
        {
            return n;
        }

        // A merge takes one entry off the heap and adds at most two, and there are at most n - 1 merges.
        int[] work = ArrayPool<int>.Shared.Rent(3 * n);
        ulong[] heap = ArrayPool<ulong>.Shared.Rent(2 * n);
        try
        {
            var merger = new BpeMerger(merges, ids, work.AsSpan(0, 3 * n), heap.AsSpan(0, 2 * n));
            return merger.Run();
        }
        finally
        {
            ArrayPool<int>.Shared.Return(work);
            ArrayPool<ulong>.Shared.Return(heap);
        }
    }

    private int Run()
    {
        int n = _ids.Length;
        for (int i = 0; i < n; i++)
        {
            _next[i] = i + 1;
            _previous[i] = i - 1;
        }

        for (int i = 0; i < n; i++)
        {
            Offer(i);
        }

        while (_count > 0)
        {
            ulong least = Pop();
            int at = (int)(uint)least;
            if (_rank[at] != (int)(least >> 32))
            {
                continue;
            }

            int gone = _next[at];
            _merges.TryFind(_ids[at], _ids[gone], out _, out int merged);
            _ids[at] = merged;
            _rank[gone] = -1;
            _next[at] = _next[gone];
            if (_next[at] < n)
            {
                _previous[_next[at]] = at;
            }

            Offer(at);
            if (_previous[at] >= 0)
            {
                Offer(_previous[at]);
            }
        }

        int kept = 0;
        for (int i = 0; i < n; i = _next[i])
        {
            _ids[kept++] = _ids[i];
        }

        return kept;
    }

    private void Offer(int at)
    {
        _rank[at] = -1;
        if (_next[at] < _ids.Length && _merges.TryFind(_ids[at], _ids[_next[at]], out int rank, out _))
        {
            _rank[at] = rank;
            Push(((ulong)(uint)rank << 32) | (uint)at);
        }
    }

    private void Push(ulong entry)
    {
        int at = _count++;
        while (at > 0)
        {
            int parent = (at - 1) / 2;
            if (_heap[parent] <= entry)
            {
                break;
            }

            _heap[at] = _heap[parent];
            at = parent;
        }

        _heap[at] = entry;
    }

    private ulong Pop()
    {
        ulong least = _heap[0];
        ulong last = _heap[--_count];
        int at = 0;
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && _heap[child + 1] < _heap[child])
            {
                child++;
            }

            if (_heap[child] >= last)
            {
                break;
            }

            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = last;
        return least;
    }
}
