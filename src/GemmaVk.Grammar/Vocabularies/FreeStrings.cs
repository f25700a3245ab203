using System;
using System.Collections.Generic;
using GemmaVk.Grammar.Expressions;
using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Vocabularies;

/// <summary>
/// What tokens do inside a string that may hold anything, worked out once for a vocabulary: most tokens are plain text, and there is
/// no need to walk them at every step. Counts are of characters, so that lengths can be bounded.
/// </summary>
internal sealed class FreeStrings
{
    private readonly List<uint[]> _inside = [];

    /// <param name="tree">The vocabulary.</param>
    /// <param name="words">Words of a row of bits.</param>
    /// <param name="spelling">How the string is spelled: in quotation marks of one kind or the other.</param>
    /// <param name="open">Whether the opening quotation mark is still to come.</param>
    public FreeStrings(TokenTree tree, int words, Spelling spelling, bool open)
    {
        var terms = new TermTable();
        var dfa = new ByteDfa(terms, terms.Everything, spelling);
        var needs = new List<(int Token, int Need)>();
        var rests = new List<byte[]>();
        var closings = new List<(int Token, int Characters)>();
        Walk(tree, 0, dfa, open ? dfa.Start : dfa.Body, 0);
        Closings = [.. closings];
        int[] numbers = new int[Closings.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = i;
        }

        Rests = new TokenTree([.. rests], numbers);
        int most = 0;
        foreach ((_, int need) in needs)
        {
            most = Math.Max(most, need);
        }

        for (int length = 0; length <= most; length++)
        {
            uint[] row = length == 0 ? new uint[words] : (uint[])_inside[^1].Clone();
            foreach ((int token, int need) in needs)
            {
                if (need == length)
                {
                    row[token >> 5] |= 1u << token;
                }
            }

            _inside.Add(row);
        }

        void Walk(TokenTree at, int node, ByteDfa string0, int state, int characters)
        {
            for (int child = node + 1; child < at.End(node); child = at.End(child))
            {
                int next = string0.Next(state, at.Value(child));
                if (next == ByteDfa.Dead)
                {
                    continue;
                }

                if (string0.Accepts(next))
                {
                    Close(at, child, characters, []);
                    continue;
                }

                bool whole = next == string0.Body;
                bool mark = state == string0.Start;
                int counted = characters + (whole && !mark ? 1 : 0);
                foreach (int token in at.At(child))
                {
                    needs.Add((token, counted + (whole ? 0 : 1)));
                }

                Walk(at, child, string0, next, counted);
            }
        }

        void Close(TokenTree at, int node, int characters, List<byte> rest)
        {
            foreach (int token in at.At(node))
            {
                rests.Add([.. rest]);
                closings.Add((token, characters));
            }

            for (int child = node + 1; child < at.End(node); child = at.End(child))
            {
                rest.Add(at.Value(child));
                Close(at, child, characters, rest);
                rest.RemoveAt(rest.Count - 1);
            }
        }
    }

    /// <summary>The remainders of tokens behind a closing quotation mark; the tokens of this tree are indices into <see cref="Closings"/>.</summary>
    public TokenTree Rests { get; }

    /// <summary>Tokens that close the string, and how many characters they put into it first.</summary>
    public (int Token, int Characters)[] Closings { get; }

    /// <summary>The tokens after which a string is still open and no longer than some characters.</summary>
    public uint[] Inside(int characters) => _inside[Math.Min(characters, _inside.Count - 1)];
}
