using System;
using System.Collections.Generic;
using GemmaVk.Grammar.Automata;
using GemmaVk.Grammar.Vocabularies;

namespace GemmaVk.Grammar;

/// <summary>
/// A grammar over a vocabulary: which tokens may follow a text so far, and where each leads. Positions are values that never change: going back after
/// rejected drafts is keeping an older one. May be used from many threads.
/// </summary>
public sealed class Constraint
{
    private readonly TextGrammar _grammar;
    private readonly Automaton _automaton;
    private readonly MaskBuilder _masks;

    /// <summary>Puts a grammar over a vocabulary.</summary>
    public Constraint(TextGrammar grammar, Vocabulary vocabulary)
    {
        _grammar = grammar;
        Vocabulary = vocabulary;
        lock (grammar.Gate)
        {
            _automaton = new Automaton(grammar.Root);
            _masks = new MaskBuilder(_automaton, vocabulary);
            Start = new GrammarPosition(_automaton.Start);
        }
    }

    /// <summary>The vocabulary.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Before the first token.</summary>
    public GrammarPosition Start { get; }

    /// <summary>States of the automaton met so far.</summary>
    public int StateCount => _automaton.StateCount;

    /// <summary>Writes which tokens may follow: bit t mod 32 of word t / 32. Never empty. Where the text is complete, the tokens that end an answer are among them.</summary>
    public void Fill(GrammarPosition position, Span<uint> words)
    {
        lock (_grammar.Gate)
        {
            _masks.Of(position.State).Fill(words);
        }
    }

    /// <summary>Whether a token may follow, and where it leads. A token that ends the answer leads nowhere and is not taken here.</summary>
    public bool TryAdvance(GrammarPosition position, int token, out GrammarPosition next) => TryAdvance(position, Vocabulary.Bytes(token), out next);

    /// <summary>Whether some bytes may follow, and where they lead.</summary>
    public bool TryAdvance(GrammarPosition position, ReadOnlySpan<byte> bytes, out GrammarPosition next)
    {
        lock (_grammar.Gate)
        {
            State? state = bytes.IsEmpty ? null : _automaton.Step(position.State, bytes);
            next = state is null ? position : new GrammarPosition(state);
            return state is not null;
        }
    }

    /// <summary>The bytes that must follow, as far as there is one choice alone.</summary>
    public byte[] Forced(GrammarPosition position, int most = 256)
    {
        var bytes = new List<byte>();
        lock (_grammar.Gate)
        {
            State? state = position.State;
            while (state is { IsComplete: false } && bytes.Count < most && state.Bytes.IsOne(out byte only))
            {
                bytes.Add(only);
                state = _automaton.Step(state, only);
            }
        }

        return [.. bytes];
    }
}
