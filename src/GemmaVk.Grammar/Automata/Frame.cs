namespace GemmaVk.Grammar.Automata;

/// <summary>
/// A place inside a node, and where to go on when the node ends: a cell of a stack that never changes and is shared by all that stand on it.
/// Equal frames are the same object, so that a state is a set of numbers.
/// </summary>
internal sealed class Frame(int id, Node node, int at, int about, object? extra, Frame? parent)
{
    public int Id { get; } = id;

    public Node Node { get; } = node;

    /// <summary>The place, in the node's own numbering.</summary>
    public int At { get; } = at;

    /// <summary>What the place is about: a property, a count.</summary>
    public int About { get; } = about;

    /// <summary>More about the place; the node makes each value once.</summary>
    public object? Extra { get; } = extra;

    /// <summary>The place that follows the node's end.</summary>
    public Frame? Parent { get; } = parent;

    /// <summary>The last arrival that met this frame.</summary>
    internal int Met { get; set; }

    /// <summary>The state in which this frame is reached alone, once it was asked for.</summary>
    internal State? Alone { get; set; }
}
