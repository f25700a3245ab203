using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.InteropServices;

namespace GemmaVk.Text;

/// <summary>
/// The vocabulary: id to UTF-8 spelling and back. All spellings lie in one array (262,144 strings would cost more time and
/// memory than the rest of the load), found through open addressing on their bytes.
/// </summary>
internal sealed class TokenTable
{
    private readonly byte[] _bytes;
    private readonly int[] _start;
    private readonly int[] _length;
    private readonly Slot[] _slots;
    private readonly ulong _seed;

    private TokenTable(byte[] bytes, int[] start, int[] length, Slot[] slots, ulong seed)
    {
        _bytes = bytes;
        _start = start;
        _length = length;
        _slots = slots;
        _seed = seed;
    }

    /// <summary>One more than the highest id.</summary>
    public int Count => _start.Length;

    /// <summary>The spelling of a token.</summary>
    public ReadOnlySpan<byte> this[int id] => _bytes.AsSpan(_start[id], _length[id]);

    /// <summary>The id of a spelling, or -1.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        uint hash = Hash(text, _seed);
        int mask = _slots.Length - 1;
        for (int at = (int)hash & mask; ; at = (at + 1) & mask)
        {
            Slot slot = _slots[at];
            if (slot.IdPlusOne == 0)
            {
                return -1;
            }

            if (slot.Hash == hash && this[slot.IdPlusOne - 1].SequenceEqual(text))
            {
                return slot.IdPlusOne - 1;
            }
        }
    }

    private static uint Hash(ReadOnlySpan<byte> text, ulong seed)
    {
        ulong h = seed ^ ((ulong)text.Length * 0x9E3779B97F4A7C15);
        while (text.Length >= 8)
        {
            h = Mix(h ^ MemoryMarshal.Read<ulong>(text));
            text = text[8..];
        }

        ulong rest = 0;
        foreach (byte b in text)
        {
            rest = (rest << 8) | b;
        }

        h = Mix(h ^ rest);
        return (uint)(h >> 32);
    }

    private static ulong Mix(ulong h)
    {
        h *= 0xFF51AFD7ED558CCD;
        return h ^ (h >> 33);
    }

    private readonly record struct Slot(uint Hash, int IdPlusOne);

    /// <summary>Collects spellings and ids in any order.</summary>
    public sealed class Builder(int expectedBytes)
    {
        private readonly List<(int Start, int Length, int Id)> _entries = [];
        private byte[] _bytes = new byte[Math.Max(expectedBytes, 64)];
        private int _used;

        public int Count => _entries.Count;

        public void Add(ReadOnlySpan<byte> text, int id)
        {
            if (_bytes.Length - _used < text.Length)
            {
                Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + text.Length));
            }

            text.CopyTo(_bytes.AsSpan(_used));
            _entries.Add((_used, text.Length, id));
            _used += text.Length;
        }

        /// <summary>Builds the table; ids must be 0..n-1, each once, and spellings must differ.</summary>
        /// <exception cref="TextException">What is doubled or missing, without the name of the file.</exception>
        public TokenTable Build()
        {
            int n = _entries.Count;
            int[] start = new int[n];
            int[] length = new int[n];
            Array.Fill(length, -1);
            foreach ((int from, int count, int id) in _entries)
            {
                if ((uint)id >= (uint)n)
                {
                    throw new TextException($"token id {id} does not fit {n} tokens: ids must be 0 to {n - 1} without holes");
                }

                if (length[id] >= 0)
                {
                    throw new TextException($"token id {id} occurs twice; so another id from 0 to {n - 1} is missing");
                }

                start[id] = from;
                length[id] = count;
            }

            // The seed makes it hard to write a file whose spellings all collide.
            ulong seed = (ulong)Random.Shared.NextInt64();
            var slots = new Slot[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(n * 2, 16))];
            var table = new TokenTable(_bytes, start, length, slots, seed);
            for (int id = 0; id < n; id++)
            {
                table.Insert(id);
            }

            return table;
        }
    }

    private void Insert(int id)
    {
        ReadOnlySpan<byte> text = this[id];
        uint hash = Hash(text, _seed);
        int mask = _slots.Length - 1;
        int at = (int)hash & mask;
        for (; _slots[at].IdPlusOne != 0; at = (at + 1) & mask)
        {
            int other = _slots[at].IdPlusOne - 1;
            if (_slots[at].Hash == hash && this[other].SequenceEqual(text))
            {
                throw new TextException(
                    $"the token \"{System.Text.Encoding.UTF8.GetString(text)}\" occurs twice, as id {other} and as id {id}");
            }
        }

        _slots[at] = new Slot(hash, id + 1);
    }
}
