using System;
using System.Collections.Generic;

namespace GemmaVk.Grammar.Automata;

/// <summary>
/// A grammar as an automaton over bytes, whose states are made as a text reaches them. Not for several threads at once.
/// </summary>
internal sealed class Automaton
{
    /// <summary>Beyond this many, frames and states are made anew: a long answer does not grow the memory without end.</summary>
    private const int MostFrames = 400_000;

    private readonly Dictionary<FrameKey, Frame> _frames = [];
    private readonly Dictionary<StateKey, State> _states = [];
    private readonly Arrivals _arrivals;
    private readonly Frame _end;
    private readonly Value _root;
    private int _frameCount;
    private int _stateCount;

    public Automaton(Value root)
    {
        _root = root;
        _arrivals = new Arrivals(this);
        _end = FrameOf(new EndNode(), 0, 0, null, null);
        _arrivals.Begin();
        root.Enter(_end, _arrivals);
        Start = StateOf(_arrivals.Take())!;
    }

    /// <summary>The state of the empty text.</summary>
    public State Start { get; }

    /// <summary>States met so far.</summary>
    public int StateCount => _stateCount;

    /// <summary>The state after a byte, or null where it cannot follow.</summary>
    public State? Step(State state, byte value)
    {
        if (state.Knows(value, out State? next))
        {
            return next;
        }

        if (state.Bytes.Contains(value))
        {
            _arrivals.Begin();
            foreach (Frame frame in state.Frames)
            {
                frame.Node.Step(frame, value, _arrivals);
            }

            next = StateOf(_arrivals.Take());
        }

        state.Learn(value, next);
        return next;
    }

    /// <summary>The state after some bytes, or null.</summary>
    public State? Step(State state, ReadOnlySpan<byte> bytes)
    {
        State? at = state;
        foreach (byte value in bytes)
        {
            at = Step(at, value);
            if (at is null)
            {
                return null;
            }
        }

        return at;
    }

    /// <summary>The state of some frames as they stand.</summary>
    public State Part(Frame[] frames) => StateOf(frames)!;

    /// <summary>The state that is reached where a node ends.</summary>
    public State After(Frame parent)
    {
        if (parent.Alone is null)
        {
            _arrivals.Begin();
            _arrivals.Go(parent);
            parent.Alone = StateOf(_arrivals.Take())!;
        }

        return parent.Alone;
    }

    /// <summary>The state that is reached where a name that is not declared ends.</summary>
    public State After(ObjectNode node, Frame frame) => After(node.AfterNameApart(frame, _arrivals));

    public Frame FrameOf(Node node, int at, int about, object? extra, Frame? parent)
    {
        var key = new FrameKey(node, at, about, extra, parent);
        if (!_frames.TryGetValue(key, out Frame? frame))
        {
            frame = new Frame(_frameCount++, node, at, about, extra, parent);
            _frames.Add(key, frame);
        }

        return frame;
    }

    private State? StateOf(Frame[] frames)
    {
        if (frames.Length == 0)
        {
            return null;
        }

        if (_frames.Count > MostFrames)
        {
            _frames.Clear();
            _states.Clear();
        }

        var key = new StateKey(frames);
        if (!_states.TryGetValue(key, out State? state))
        {
            state = new State(frames, _stateCount++);
            _states.Add(key, state);
        }

        return state;
    }

    private readonly struct FrameKey(Node node, int at, int about, object? extra, Frame? parent) : IEquatable<FrameKey>
    {
        private readonly Node _node = node;
        private readonly int _at = at;
        private readonly int _about = about;
        private readonly object? _extra = extra;
        private readonly Frame? _parent = parent;

        public bool Equals(FrameKey other) => _node == other._node && _at == other._at && _about == other._about && _extra == other._extra && _parent == other._parent;

        public override bool Equals(object? obj) => obj is FrameKey other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(
            System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(_node), _at, _about, _extra is null ? 0 : System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(_extra), _parent?.Id ?? -1);
    }

    private readonly struct StateKey(Frame[] frames) : IEquatable<StateKey>
    {
        private readonly Frame[] _frames = frames;

        public bool Equals(StateKey other) => _frames.AsSpan().SequenceEqual(other._frames);

        public override bool Equals(object? obj) => obj is StateKey other && Equals(other);

        public override int GetHashCode()
        {
            int hash = _frames.Length;
            foreach (Frame frame in _frames)
            {
                hash = (hash * 31) + frame.Id;
            }

            return hash * -1640531527;
        }
    }
}
