using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Grammar.Automata;
using GemmaVk.Grammar.Expressions;
using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Gbnf;

/// <summary>A grammar as nodes: rules that never come back to themselves become lexemes, the others small automata that call each other.</summary>
internal sealed class GbnfCompiler
{
    private const int MostTerms = 200_000;
    private const int MostRepeats = 1000;

    private readonly TermTable _terms = new();
    private readonly Dictionary<string, GbnfRule> _rules;
    private readonly Dictionary<string, Term?> _regular = [];
    private readonly Dictionary<string, RuleNode> _nodes = [];
    private readonly Dictionary<Term, LexemeNode> _lexemes = [];
    private readonly Queue<string> _open = new();

    private GbnfCompiler(string text) => _rules = GbnfParser.Parse(text, _terms);

    /// <summary>Builds the value of the rule "root".</summary>
    /// <exception cref="GrammarException">The rule that cannot be held, and why.</exception>
    public static Value Build(string text)
    {
        if (text.Length > TextGrammar.MostBytes)
        {
            throw new GrammarException("the grammar", "grammar", $"it has {text.Length} characters; at most {TextGrammar.MostBytes} are taken");
        }

        var compiler = new GbnfCompiler(text);
        if (!compiler._rules.ContainsKey("root"))
        {
            throw new GrammarException("the grammar", "root", "it has no rule \"root\", where a text begins");
        }

        Node root = compiler.NodeOf("root", 1);
        while (compiler._open.TryDequeue(out string? name))
        {
            RuleNode node = compiler._nodes[name];
            node.End(compiler.Add(node, node.Place(), compiler._rules[name]));
        }

        compiler.Decide();
        compiler.RefuseLeftRecursion();
        if (!root.Possible)
        {
            throw new GrammarException("rule root", "grammar", "no finite text belongs to it");
        }

        var value = new Value { Possible = true };
        value.Starts.Add(root);
        return value;
    }

    private Node NodeOf(string name, int line)
    {
        if (!_rules.ContainsKey(name))
        {
            throw new GrammarException($"line {line} of the grammar", "rule", $"there is no rule {name}");
        }

        if (Regular(name) is { } term)
        {
            return Lexeme(term);
        }

        if (!_nodes.TryGetValue(name, out RuleNode? node))
        {
            node = new RuleNode();
            _nodes.Add(name, node);
            _open.Enqueue(name);
        }

        return node;
    }

    private LexemeNode Lexeme(Term term)
    {
        if (!_lexemes.TryGetValue(term, out LexemeNode? node))
        {
            node = new LexemeNode(new ByteDfa(_terms, term, Spelling.Plain)) { Possible = !term.IsNothing };
            _lexemes.Add(term, node);
        }

        return node;
    }

    /// <summary>The language of a rule, or null where it comes back to itself.</summary>
    private Term? Regular(string name)
    {
        if (_regular.TryGetValue(name, out Term? known))
        {
            return known;
        }

        // While it is looked into, it counts as coming back to itself.
        _regular[name] = null;
        Term? term = _rules.TryGetValue(name, out GbnfRule? rule) ? Regular(rule) : null;
        if (_terms.Count > MostTerms)
        {
            throw new GrammarException($"rule {name}", "grammar", "the grammar is too large");
        }

        return _regular[name] = term;
    }

    private Term? Regular(GbnfRule rule)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (rule)
        {
            case GbnfRule.Text text:
                return text.Term;
            case GbnfRule.Reference reference:
                return _rules.ContainsKey(reference.Name) ? Regular(reference.Name) : throw new GrammarException($"line {reference.Line} of the grammar", "rule", $"there is no rule {reference.Name}");
            case GbnfRule.Sequence sequence:
                Term?[] parts = [.. sequence.Parts.Select(Regular)];
                return parts.All(part => part is not null) ? _terms.Concat(parts!) : null;
            case GbnfRule.Choice choice:
                Term?[] ways = [.. choice.Parts.Select(Regular)];
                return ways.All(way => way is not null) ? _terms.Or(ways!) : null;
            default:
                var times = (GbnfRule.Times)rule;
                return Regular(times.Part) is { } part ? _terms.Repeat(part, times.Min, times.Max) : null;
        }
    }

    /// <summary>Adds an expression behind a place; the place where it ends.</summary>
    private int Add(RuleNode node, int from, GbnfRule rule)
    {
        if (Regular(rule) is { } term)
        {
            int end = node.Place();
            node.Way(from, term == _terms.Empty ? null : Lexeme(term), end);
            return end;
        }

        switch (rule)
        {
            case GbnfRule.Reference reference:
                int after = node.Place();
                node.Way(from, NodeOf(reference.Name, reference.Line), after);
                return after;
            case GbnfRule.Sequence sequence:
                return sequence.Parts.Aggregate(from, (place, part) => Add(node, place, part));
            case GbnfRule.Choice choice:
                int joined = node.Place();
                foreach (GbnfRule way in choice.Parts)
                {
                    int begin = node.Place();
                    node.Way(from, null, begin);
                    node.Way(Add(node, begin, way), null, joined);
                }

                return joined;
            default:
                return AddTimes(node, from, (GbnfRule.Times)rule);
        }
    }

    private int AddTimes(RuleNode node, int from, GbnfRule.Times times)
    {
        int copies = times.Max == Term.Unbounded ? times.Min : times.Max;
        if (copies > MostRepeats)
        {
            throw new GrammarException("the grammar", "{m,n}", $"a count of {copies} around a rule that comes back to itself is too large; at most {MostRepeats}");
        }

        int end = node.Place();
        int at = from;
        for (int i = 0; i < copies; i++)
        {
            if (i >= times.Min)
            {
                node.Way(at, null, end);
            }

            at = Add(node, at, times.Part);
        }

        if (times.Max == Term.Unbounded)
        {
            int loop = node.Place();
            node.Way(at, null, loop);
            node.Way(Add(node, loop, times.Part), null, loop);
            at = loop;
        }

        node.Way(at, null, end);
        return end;
    }

    private void Decide()
    {
        for (bool more = true; more;)
        {
            more = false;
            foreach (RuleNode node in _nodes.Values.Where(node => !node.Possible && node.Decide()))
            {
                node.Possible = more = true;
            }
        }
    }

    /// <summary>A rule that may begin with itself would be entered for ever.</summary>
    private void RefuseLeftRecursion()
    {
        var nullable = new HashSet<Node>();
        for (bool more = true; more;)
        {
            more = false;
            foreach (RuleNode node in _nodes.Values)
            {
                more |= !nullable.Contains(node) && Begins(node, nullable).Any(place => node.Ends(place)) && nullable.Add(node);
            }
        }

        foreach ((string name, RuleNode rule) in _nodes)
        {
            var seen = new HashSet<Node>();
            var open = new Stack<RuleNode>([rule]);
            while (open.TryPop(out RuleNode? node))
            {
                foreach (RuleNode first in Begins(node, nullable).SelectMany(node.Ways).Select(way => way.Through).OfType<RuleNode>())
                {
                    if (first == rule)
                    {
                        throw new GrammarException($"rule {name}", "left recursion", "it may begin with itself; write it as a repetition, or put what it begins with first");
                    }

                    if (seen.Add(first))
                    {
                        open.Push(first);
                    }
                }
            }
        }
    }

    /// <summary>The places that a rule may be at before it took anything.</summary>
    private static HashSet<int> Begins(RuleNode node, HashSet<Node> nullable)
    {
        var seen = new HashSet<int> { 0 };
        var open = new Stack<int>([0]);
        while (open.TryPop(out int place))
        {
            foreach ((Node? through, int to) in node.Ways(place))
            {
                bool nothing = through is null || nullable.Contains(through) || (through is LexemeNode lexeme && lexeme.Dfa.Language.Nullable);
                if (nothing && seen.Add(to))
                {
                    open.Push(to);
                }
            }
        }

        return seen;
    }
}
