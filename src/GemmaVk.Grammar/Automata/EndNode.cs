using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Automata;

/// <summary>The end of the whole text: nothing follows.</summary>
internal sealed class EndNode : Node
{
    public override void Bytes(Frame frame, ref ByteSet bytes)
    {
        // Nothing follows.
    }

    public override void Step(Frame frame, byte value, Arrivals to)
    {
        // Nothing follows.
    }

    public override bool Decide() => true;
}
