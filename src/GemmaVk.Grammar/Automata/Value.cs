using System.Collections.Generic;

namespace GemmaVk.Grammar.Automata;

/// <summary>What may stand at a place: any of several nodes. Values refer to each other in circles.</summary>
internal sealed class Value
{
    public List<Node> Starts { get; } = [];

    /// <summary>Whether some text fits.</summary>
    public bool Possible { get; set; }

    /// <summary>Begins every node; what follows its end is <paramref name="next"/>.</summary>
    public void Enter(Frame next, Arrivals to)
    {
        foreach (Node node in Starts)
        {
            to.Go(node, node.Start, 0, null, next);
        }
    }
}
