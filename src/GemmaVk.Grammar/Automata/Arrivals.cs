using System;
using System.Collections.Generic;

namespace GemmaVk.Grammar.Automata;

/// <summary>Gathers the frames that a byte leads to, each once, those included that are reached without a byte.</summary>
internal sealed class Arrivals(Automaton automaton)
{
    private readonly List<Frame> _kept = [];
    private int _round;

    /// <summary>Forgets what was gathered.</summary>
    public void Begin()
    {
        _kept.Clear();
        _round++;
    }

    /// <summary>Reaches a place.</summary>
    public void Go(Node node, int at, int about, object? extra, Frame? parent) => Go(automaton.FrameOf(node, at, about, extra, parent));

    /// <summary>The frame of a place that has not been reached yet: what follows a node that begins now.</summary>
    public Frame Later(Node node, int at, int about, object? extra, Frame? parent) => automaton.FrameOf(node, at, about, extra, parent);

    /// <summary>Reaches a frame.</summary>
    public void Go(Frame frame)
    {
        if (frame.Met != _round)
        {
            frame.Met = _round;
            frame.Node.Arrive(frame, this);
        }
    }

    /// <summary>A frame that takes bytes, or is the end.</summary>
    public void Keep(Frame frame) => _kept.Add(frame);

    /// <summary>What was gathered, in the order of their numbers.</summary>
    public Frame[] Take()
    {
        Frame[] frames = [.. _kept];
        if (frames.Length > 1)
        {
            Array.Sort(frames, (a, b) => a.Id.CompareTo(b.Id));
        }

        return frames;
    }
}
