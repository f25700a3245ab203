using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Grammar.Automata;
using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Vocabularies;

/// <summary>
/// From a state to the tokens that may follow it. A state is a set of places, and a token may follow it if it may follow one of them: free
/// strings take their share from the table of the vocabulary, other lexemes are walked along the tree of tokens as bare automata, and the rest
/// as states. Where a state takes every byte of a branch and stays, the branch is taken whole.
/// Not for several threads at once.
/// </summary>
internal sealed partial class MaskBuilder(Automaton automaton, Vocabulary vocabulary)
{
    /// <summary>More tokens than this are kept as bits.</summary>
    private const int MostListed = 2048;

    /// <summary>Beyond this much, kept masks are made anew.</summary>
    private const long MostBytes = 64L << 20;

    private readonly TokenTree _tree = vocabulary.Tree;
    private readonly List<State> _kept = [];
    private readonly Dictionary<(ByteDfa Dfa, int At, State After), TokenMask> _relaxed = [];
    private readonly HashSet<int> _apart = [];
    private readonly List<(uint[] Row, int[] Less)> _shared = [];
    private int[] _more = new int[1024];
    private int _count;
    private int _longest;
    private bool _tooLong;
    private long _bytes;

    /// <summary>The mask of a state, kept with it.</summary>
    public TokenMask Of(State state)
    {
        if (state.Mask is { } known)
        {
            return known;
        }

        Begin();
        Frame[] frames = state.Frames;
        if (frames is [{ Node: LexemeNode only }] && Counted(only, frames[0]) is { } counted)
        {
            return Keep(state, counted);
        }

        Walk(_tree, 0, state, null, 0, 0, top: true);
        if (state.IsComplete)
        {
            foreach (int stop in vocabulary.Stops)
            {
                Add(stop);
            }
        }

        return Keep(state, Collect());
    }

    private TokenMask Keep(State state, TokenMask mask)
    {
        _bytes += mask.Bytes;
        if (_bytes > MostBytes)
        {
            _kept.ForEach(other => other.Mask = null);
            _kept.Clear();
            _relaxed.Clear();
            _bytes = mask.Bytes;
        }

        _kept.Add(state);
        return state.Mask = mask;
    }

    private void Begin()
    {
        _count = 0;
        _shared.Clear();
        _longest = int.MaxValue;
        _tooLong = false;
    }

    /// <summary>The mask of a lexeme whose counts no token can reach the end of: the same for many of its places.</summary>
    private TokenMask? Counted(LexemeNode lexeme, Frame frame)
    {
        int relaxed = lexeme.Dfa.Relaxed(frame.At, vocabulary.LongestToken, out int longest);
        if (relaxed == frame.At || lexeme.Dfa.IsFree(frame.At, out _, out _, out _))
        {
            return null;
        }

        State after = automaton.After(frame.Parent!);
        if (_relaxed.TryGetValue((lexeme.Dfa, relaxed, after), out TokenMask? known) && known.Longest <= longest)
        {
            return known;
        }

        _longest = longest;
        Walk(_tree, 0, lexeme.Dfa, relaxed, after, null, 0, 0);
        if (_tooLong)
        {
            Begin();
            return null;
        }

        TokenMask mask = Collect();
        mask.Longest = longest;
        return _relaxed[(lexeme.Dfa, relaxed, after)] = mask;
    }

    private void Free(LexemeNode lexeme, Frame frame)
    {
        lexeme.Dfa.IsFree(frame.At, out bool open, out int min, out int max);
        FreeStrings table = vocabulary.FreeStrings(lexeme.Dfa.Spelling, open);
        _shared.Add((table.Inside(max), []));
        State after = automaton.After(frame.Parent!);
        Add(table.Rests.At(0), table, min, max);
        Walk(table.Rests, 0, after, table, min, max, top: false);
    }

    /// <summary>A name that must not become a declared one: as a free string, without the tokens that would end it, or escape a character, too early.</summary>
    private void NameApart(ObjectNode node, Frame frame, int name)
    {
        _apart.Clear();
        Exclude(node.Names, name, 0);
        FreeStrings table = vocabulary.FreeStrings(Spelling.Json, open: false);
        _shared.Add((table.Inside(int.MaxValue), [.. _apart]));
        Add(table.Rests.At(0), table, 0, int.MaxValue);
        Walk(table.Rests, 0, automaton.After(node, frame), table, 0, int.MaxValue, top: false);
        _apart.Clear();
    }

    private void Exclude(NameTree names, int name, int token)
    {
        if (names.PropertyAt(name) >= 0 && _tree.Child(token, (byte)'"') is > 0 and int closing)
        {
            Without(_tree.Branch(closing));
        }

        if (_tree.Child(token, (byte)'\\') is > 0 and int escape)
        {
            Without(_tree.Branch(escape));
        }

        foreach ((byte value, int child) in names.Children(name))
        {
            if (_tree.Child(token, value) is > 0 and int next)
            {
                Exclude(names, child, next);
            }
        }
    }

    private void Without(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            _apart.Add(token);
        }
    }

    /// <summary>A state along a tree of tokens, or along that of remainders behind free strings: its lexemes as automata, the rest byte by byte.</summary>
    private void Walk(TokenTree tree, int node, State state, FreeStrings? table, int min, int max, bool top)
    {
        Frame[] frames = state.Frames;
        int others = 0;
        foreach (Frame frame in frames)
        {
            if (frame.Node is LexemeNode lexeme)
            {
                if (top && lexeme.Dfa.IsFree(frame.At, out _, out _, out _))
                {
                    Free(lexeme, frame);
                }
                else
                {
                    Walk(tree, node, lexeme.Dfa, frame.At, frame.Parent!.Alone ?? automaton.After(frame.Parent), table, min, max);
                }
            }
            else if (top && frame.Node is ObjectNode apart && apart.IsNameApart(frame, out int name))
            {
                NameApart(apart, frame, name);
            }
            else
            {
                others++;
            }
        }

        if (others == 0)
        {
            return;
        }

        if (others < frames.Length)
        {
            state = automaton.Part([.. frames.Where(frame => frame.Node is not LexemeNode && !(top && frame.Node is ObjectNode apart && apart.IsNameApart(frame, out _)))]);
        }

        ByteSet bytes = state.Bytes;
        for (int child = node + 1, end = tree.End(node); child < end; child = tree.End(child))
        {
            if (bytes.Contains(tree.Value(child)) && automaton.Step(state, tree.Value(child)) is { } next)
            {
                Add(tree.At(child), table, min, max);
                if (child + 1 < tree.End(child))
                {
                    Walk(tree, child, next, table, min, max, top: false);
                }
            }
        }
    }

    /// <summary>A lexeme's automaton along a tree of tokens, and behind it what follows its end.</summary>
    private void Walk(TokenTree tree, int node, ByteDfa dfa, int state, State after, FreeStrings? table, int min, int max)
    {
        ByteDfa.Row row = dfa.At(state);
        _tooLong |= _longest != int.MaxValue && dfa.Shortest(state) > _longest;
        if (node > 0 && (tree.Below(node) & ~row.Loops) == 0)
        {
            Add(tree.Branch(node)[tree.At(node).Length..], table, min, max);
            return;
        }

        int[] nexts = row.Next;
        for (int child = node + 1, end = tree.End(node); child < end;)
        {
            int next = nexts[tree.Value(child)];
            int behind = tree.End(child);
            if (next != ByteDfa.Dead)
            {
                Add(tree.At(child), table, min, max);
                if (child + 1 < behind)
                {
                    Walk(tree, child, dfa, next, after, table, min, max);
                    if (dfa.At(next).Accepts)
                    {
                        Walk(tree, child, after, table, min, max, top: false);
                    }
                }
            }

            child = behind;
        }
    }
}
