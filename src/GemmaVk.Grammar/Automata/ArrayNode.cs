using System;
using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Automata;

/// <summary>A JSON array: values for the first items, one for the rest, a fewest and a most.</summary>
internal sealed class ArrayNode(Value[] first, Value? rest, int min, int max, bool blanks) : Node
{
    private const int Opening = 0;
    private const int First = 1;
    private const int Item = 2;
    private const int After = 3;

    private readonly int _gap = blanks ? Gap.None : Gap.Forbidden;

    public override void Arrive(Frame frame, Arrivals to)
    {
        to.Keep(frame);
        int phase = frame.At & 3;
        if (phase is First or Item && Gap.CanEnd(frame.At >> 2) && ItemAt(frame.About) is { } item)
        {
            item.Enter(to.Later(this, Place(After, _gap), Counted(frame.About + 1), null, frame.Parent), to);
        }
    }

    public override void Bytes(Frame frame, ref ByteSet bytes)
    {
        int phase = frame.At & 3;
        if (phase == Opening)
        {
            bytes.Add((byte)'[');
            return;
        }

        int gap = frame.At >> 2;
        // Behind a blank a comma may not come: then the end must.
        if (phase != After || frame.About >= min)
        {
            Gap.Bytes(gap, ref bytes);
        }

        if (Gap.CanEnd(gap) && phase != Item)
        {
            if (frame.About >= min)
            {
                bytes.Add((byte)']');
            }

            if (phase == After && gap == _gap && ItemAt(frame.About) is not null)
            {
                bytes.Add((byte)',');
            }
        }
    }

    public override void Step(Frame frame, byte value, Arrivals to)
    {
        int phase = frame.At & 3;
        if (phase == Opening)
        {
            if (value == '[')
            {
                to.Go(this, Place(First, _gap), 0, null, frame.Parent);
            }

            return;
        }

        int gap = frame.At >> 2;
        if (Gap.Next(gap, value) is >= 0 and int next && (phase != After || frame.About >= min))
        {
            to.Go(this, Place(phase, next), frame.About, null, frame.Parent);
        }
        else if (Gap.CanEnd(gap) && value == ']' && phase != Item && frame.About >= min)
        {
            to.Go(frame.Parent!);
        }
        else if (Gap.CanEnd(gap) && value == ',' && phase == After && gap == _gap && ItemAt(frame.About) is not null)
        {
            to.Go(this, Place(Item, _gap), frame.About, null, frame.Parent);
        }
    }

    public override bool Decide()
    {
        for (int i = 0; i < Math.Min(min, first.Length); i++)
        {
            if (!first[i].Possible)
            {
                return false;
            }
        }

        return min <= max && (min <= first.Length || rest is { Possible: true });
    }

    private static int Place(int phase, int gap) => phase | (gap << 2);

    private Value? ItemAt(int index)
    {
        Value? item = index >= max ? null : index < first.Length ? first[index] : rest;
        return item is { Possible: true } ? item : null;
    }

    /// <summary>A count, as far as it matters.</summary>
    private int Counted(int count) => Math.Min(count, max == int.MaxValue ? Math.Max(min, first.Length) : max);
}
