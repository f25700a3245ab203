using System.Collections.Generic;
using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Automata;

/// <summary>All places where a text so far may have led: a set of frames. Equal sets are the same object.</summary>
internal sealed class State
{
    private static readonly State DeadMark = new([], -1);

    private readonly List<(byte Value, State Next)> _few = [];
    private State?[]? _many;

    internal State(Frame[] frames, int id)
    {
        Frames = frames;
        Id = id;
        ByteSet bytes = default;
        int most = 0;
        foreach (Frame frame in frames)
        {
            frame.Node.Bytes(frame, ref bytes);
            IsComplete |= frame.Node is EndNode;
            if (frame.Node is LexemeNode lexeme)
            {
                ByteClass loops = lexeme.Dfa.Loops(frame.At);
                int count = System.Numerics.BitOperations.PopCount((uint)loops);
                (Loops, most) = count > most ? (loops, count) : (Loops, most);
            }
        }

        Bytes = bytes;
    }

    public int Id { get; }

    public Frame[] Frames { get; }

    /// <summary>Whether the text may end here.</summary>
    public bool IsComplete { get; }

    /// <summary>The bytes that may follow.</summary>
    public ByteSet Bytes { get; }

    /// <summary>Groups of bytes of which any number may follow, here and after them.</summary>
    public ByteClass Loops { get; }

    /// <summary>What may follow as tokens, once it was asked for.</summary>
    internal Vocabularies.TokenMask? Mask { get; set; }

    /// <summary>The state after a byte, where it is known; null of a known one means that nothing follows.</summary>
    internal bool Knows(byte value, out State? next)
    {
        next = null;
        if (_many is not null)
        {
            State? there = _many[value];
            next = there == DeadMark ? null : there;
            return there is not null;
        }

        foreach ((byte known, State state) in _few)
        {
            if (known == value)
            {
                next = state == DeadMark ? null : state;
                return true;
            }
        }

        return false;
    }

    internal void Learn(byte value, State? next)
    {
        if (_few.Count < 8 && _many is null)
        {
            _few.Add((value, next ?? DeadMark));
            return;
        }

        if (_many is null)
        {
            _many = new State?[256];
            foreach ((byte known, State state) in _few)
            {
                _many[known] = state;
            }

            _few.Clear();
        }

        _many[value] = next ?? DeadMark;
    }
}
