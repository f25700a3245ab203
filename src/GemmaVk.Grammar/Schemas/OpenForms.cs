using System.Collections.Generic;
using GemmaVk.Grammar.Automata;

namespace GemmaVk.Grammar.Schemas;

/// <summary>
/// Places where forms of a value stay open together. Where properties come in any order, what tells two forms apart may come last; if both lead
/// back to the place, each level of a text doubles the ways to read it, and no bound on them would hold for every text.
/// </summary>
internal sealed class OpenForms
{
    private readonly Dictionary<Node, List<Value>> _inside = [];

    /// <summary>Notes the values that a container holds.</summary>
    public void Add(Node container, IEnumerable<Value> inside) => _inside[container] = [.. inside];

    /// <summary>Whether two objects of a value lead back to it.</summary>
    public bool AreEndless(Value value)
    {
        int ways = 0;
        foreach (Node start in value.Starts)
        {
            ways += start is ObjectNode && Reaches(start, value) ? 1 : 0;
        }

        return ways > 1;
    }

    private bool Reaches(Node start, Value end)
    {
        var seen = new HashSet<Value>();
        var open = new Stack<Node>([start]);
        while (open.TryPop(out Node? node))
        {
            foreach (Value value in _inside.GetValueOrDefault(node) ?? [])
            {
                if (value == end)
                {
                    return true;
                }

                if (seen.Add(value))
                {
                    value.Starts.ForEach(open.Push);
                }
            }
        }

        return false;
    }
}
