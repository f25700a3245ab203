using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Vocabularies;

/// <summary>
/// The spellings of a vocabulary as a tree of bytes, in one walk from the root downwards: the children of node i begin at i + 1, and what
/// follows its branch is <see cref="End"/>. The tokens of a branch lie side by side.
/// </summary>
internal sealed class TokenTree
{
    private readonly byte[] _value;
    private readonly int[] _end;
    private readonly int[] _first;
    private readonly ByteClass[] _below;

    /// <summary>Builds the tree of some spellings; several tokens may have the same, and none is empty but in a tree of remainders.</summary>
    public TokenTree(byte[][] spellings, int[] tokens)
    {
        ulong[] heads = Array.ConvertAll(spellings, Head);
        int[] order = new int[tokens.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) => heads[a] != heads[b] ? heads[a].CompareTo(heads[b]) : spellings[a].AsSpan().SequenceCompareTo(spellings[b]));
        Tokens = Array.ConvertAll(order, i => tokens[i]);

        var value = new List<byte> { 0 };
        var first = new List<int> { 0 };
        var end = new List<int> { 0 };
        var path = new List<int> { 0 };
        for (int i = 0; i < order.Length; i++)
        {
            ReadOnlySpan<byte> text = spellings[order[i]];
            int shared = i == 0 ? 0 : text.CommonPrefixLength(spellings[order[i - 1]]);
            for (int depth = path.Count - 1; depth > shared; depth--)
            {
                end[path[depth]] = value.Count;
                path.RemoveAt(depth);
            }

            foreach (byte b in text[shared..])
            {
                path.Add(value.Count);
                value.Add(b);
                first.Add(i);
                end.Add(0);
            }
        }

        foreach (int node in path)
        {
            end[node] = value.Count;
        }

        first.Add(order.Length);
        (_value, _end, _first) = ([.. value], [.. end], [.. first]);
        _below = new ByteClass[_value.Length];
        Classify(0, 0, 0);
    }

    /// <summary>Number of nodes; node 0 is the root.</summary>
    public int Count => _value.Length;

    /// <summary>The tokens in the order of the tree.</summary>
    public int[] Tokens { get; }

    /// <summary>The byte that leads to a node.</summary>
    public byte Value(int node) => _value[node];

    /// <summary>The node after a node's whole branch.</summary>
    public int End(int node) => _end[node];

    /// <summary>The groups of all bytes below a node, if its spelling ends between two characters.</summary>
    public ByteClass Below(int node) => _below[node];

    /// <summary>The tokens whose spelling ends at a node.</summary>
    public ReadOnlySpan<int> At(int node) => Tokens.AsSpan(_first[node], _first[node + 1] - _first[node]);

    /// <summary>The tokens of a node's branch, its own included.</summary>
    public ReadOnlySpan<int> Branch(int node) => Tokens.AsSpan(_first[node], _first[_end[node]] - _first[node]);

    /// <summary>The child of a node that a byte leads to, or -1.</summary>
    public int Child(int node, byte value)
    {
        for (int child = node + 1; child < _end[node]; child = _end[child])
        {
            if (_value[child] >= value)
            {
                return _value[child] == value ? child : -1;
            }
        }

        return -1;
    }

    private static ulong Head(byte[] text)
    {
        Span<byte> head = stackalloc byte[8];
        head.Clear();
        text.AsSpan(0, Math.Min(text.Length, 8)).CopyTo(head);
        return BinaryPrimitives.ReadUInt64BigEndian(head);
    }

    /// <param name="node">A node.</param>
    /// <param name="pending">Bytes that its last character still lacks.</param>
    /// <param name="code">The bits of that character so far.</param>
    private ByteClass Classify(int node, int pending, int code)
    {
        ByteClass below = ByteClass.None;
        for (int child = node + 1; child < _end[node]; child = _end[child])
        {
            byte value = _value[child];
            bool more = pending > 0;
            bool continues = (value & 0xC0) == 0x80;
            int left = more ? pending - 1 : value switch { < 0x80 => 0, >= 0xC2 and < 0xE0 => 1, >= 0xE0 and < 0xF0 => 2, >= 0xF0 and < 0xF5 => 3, _ => 0 };
            int bits = more ? (code << 6) | (value & 0x3F) : value & (0x3F >> left);
            bool broken = value >= 0xF5 || more != continues || (left > 0 && At(child).Length > 0);
            ByteClass own = value < 0x80 ? ByteClasses.Of(value) : left > 0 ? ByteClass.None : ByteClasses.BeyondBlank.Contains(bits) ? ByteClass.BeyondBlank : ByteClass.Beyond;
            below |= own | Classify(child, left, bits) | (broken ? ByteClass.Broken : ByteClass.None);
        }

        return _below[node] = below;
    }
}
