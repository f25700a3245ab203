using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Automata;

/// <summary>A regular part: a string, a number, a word. Its places are the states of an automaton over bytes.</summary>
internal sealed class LexemeNode(ByteDfa dfa, int? start = null) : Node
{
    public ByteDfa Dfa { get; } = dfa;

    public override int Start => start ?? Dfa.Start;

    public override void Arrive(Frame frame, Arrivals to)
    {
        if (Dfa.Bytes(frame.At).Count > 0)
        {
            to.Keep(frame);
        }

        if (Dfa.Accepts(frame.At))
        {
            to.Go(frame.Parent!);
        }
    }

    public override void Bytes(Frame frame, ref ByteSet bytes) => bytes.Add(Dfa.Bytes(frame.At));

    public override void Step(Frame frame, byte value, Arrivals to)
    {
        int next = Dfa.Next(frame.At, value);
        if (next != ByteDfa.Dead)
        {
            to.Go(this, next, 0, null, frame.Parent);
        }
    }

    public override bool Decide() => !Dfa.Language.IsNothing;
}
