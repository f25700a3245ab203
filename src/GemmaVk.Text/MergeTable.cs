using System;
using System.Numerics;

namespace GemmaVk.Text;

/// <summary>The merges of the BPE: a pair of token ids to its rank (0 merges first) and the id it becomes.</summary>
internal sealed class MergeTable
{
    private const ulong Empty = ulong.MaxValue;

    private readonly Slot[] _slots;
    private readonly int _shift;
    private readonly ulong _seed = (ulong)Random.Shared.NextInt64();

    /// <summary>Builds the table from merges in rank order; on return <paramref name="doubled"/> is the rank of the first repeated pair or -1.</summary>
    public MergeTable(ReadOnlySpan<(int Left, int Right, int Merged)> merges, out int doubled)
    {
        doubled = -1;
        int bits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(merges.Length * 2, 16)));
        _slots = new Slot[1 << bits];
        _shift = 64 - bits;
        Array.Fill(_slots, new Slot(Empty, 0, 0));
        for (int rank = 0; rank < merges.Length; rank++)
        {
            (int left, int right, int merged) = merges[rank];
            ulong key = Key(left, right);
            int at = Home(key);
            while (_slots[at].Key != Empty && _slots[at].Key != key)
            {
                at = (at + 1) & (_slots.Length - 1);
            }

            if (_slots[at].Key == key)
            {
                doubled = rank;
                return;
            }

            _slots[at] = new Slot(key, rank, merged);
        }
    }

    /// <summary>Finds the merge of two neighbours.</summary>
    public bool TryFind(int left, int right, out int rank, out int merged)
    {
        ulong key = Key(left, right);
        for (int at = Home(key); ; at = (at + 1) & (_slots.Length - 1))
        {
            ref readonly Slot slot = ref _slots[at];
            if (slot.Key == key)
            {
                rank = slot.Rank;
                merged = slot.Merged;
                return true;
            }

            if (slot.Key == Empty)
            {
                rank = merged = -1;
                return false;
            }
        }
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Home(ulong key)
    {
        ulong h = (key ^ _seed) * 0x9E3779B97F4A7C15;
        h ^= h >> 32;
        return (int)((h * 0xD6E8FEB86659FD93) >> _shift);
    }

    private readonly record struct Slot(ulong Key, int Rank, int Merged);
}
