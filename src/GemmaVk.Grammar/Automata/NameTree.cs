using System.Collections.Generic;
using System.Globalization;
using System.Text;
using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Automata;

/// <summary>The declared names of an object as a tree of bytes: as JSON spells them, without quotation marks, or as tool calls do.</summary>
internal sealed class NameTree
{
    private readonly List<List<(byte Value, int Child)>> _children = [new()];
    private readonly List<int> _property = [-1];
    private readonly List<List<int>> _below = [new()];

    public NameTree(IReadOnlyList<string> names, bool calls)
    {
        for (int i = 0; i < names.Count; i++)
        {
            int node = 0;
            _below[0].Add(i);
            foreach (byte value in calls ? InCall(names[i]) : Encoding.UTF8.GetBytes(Spelled(names[i])))
            {
                int child = Child(node, value);
                if (child < 0)
                {
                    child = _children.Count;
                    _children[node].Add((value, child));
                    _children.Add([]);
                    _property.Add(-1);
                    _below.Add([]);
                }

                node = child;
                _below[node].Add(i);
            }

            _property[node] = i;
        }
    }

    /// <summary>The property whose name ends at a node, or -1.</summary>
    public int PropertyAt(int node) => _property[node];

    /// <summary>The properties whose names go through a node, ascending.</summary>
    public IReadOnlyList<int> Below(int node) => _below[node];

    public IReadOnlyList<(byte Value, int Child)> Children(int node) => _children[node];

    /// <summary>The node after a byte, or -1.</summary>
    public int Child(int node, byte value)
    {
        foreach ((byte known, int child) in _children[node])
        {
            if (known == value)
            {
                return child;
            }
        }

        return -1;
    }

    /// <summary>For every node, the state that a free string would be in.</summary>
    public int[] StatesOf(ByteDfa free)
    {
        int[] states = new int[_children.Count];
        states[0] = free.Body;
        for (int node = 0; node < states.Length; node++)
        {
            foreach ((byte value, int child) in _children[node])
            {
                states[child] = states[node] == ByteDfa.Dead ? ByteDfa.Dead : free.Next(states[node], value);
            }
        }

        return states;
    }

    /// <summary>A name as a call has it: bare, or between quote tokens where it would not be read back.</summary>
    private static byte[] InCall(string name)
    {
        bool bare = name.Length > 0;
        foreach (char c in name)
        {
            bare &= !char.IsControl(c) && !char.IsWhiteSpace(c) && !":,{}[]\"'".Contains(c);
        }

        byte[] text = Encoding.UTF8.GetBytes(name);
        return bare ? text : [ByteDfa.QuoteToken, .. text, ByteDfa.QuoteToken];
    }

    /// <summary>A name with as few escapes as JSON allows.</summary>
    private static string Spelled(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name)
        {
            text = c switch
            {
                '"' or '\\' => text.Append('\\').Append(c),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' => text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => text.Append(c),
            };
        }

        return text.ToString();
    }
}
