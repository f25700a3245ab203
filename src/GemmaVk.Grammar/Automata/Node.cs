using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Automata;

/// <summary>A part of a grammar: what bytes it takes from each of its places, and where they lead.</summary>
internal abstract class Node
{
    /// <summary>The place before the first byte.</summary>
    public virtual int Start => 0;

    /// <summary>Whether some text belongs to it; decided once all nodes are known.</summary>
    public bool Possible { get; set; }

    /// <summary>A frame was reached: keeps it, or goes on from it without a byte.</summary>
    public virtual void Arrive(Frame frame, Arrivals to) => to.Keep(frame);

    /// <summary>Adds the bytes that a kept frame takes.</summary>
    public abstract void Bytes(Frame frame, ref ByteSet bytes);

    /// <summary>Where a byte leads.</summary>
    public abstract void Step(Frame frame, byte value, Arrivals to);

    /// <summary>Whether a text can belong to it, given what is known of the nodes inside.</summary>
    public abstract bool Decide();
}
