using System;
using System.Collections.Generic;
using System.Numerics;
using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Automata;

/// <summary>
/// A JSON object. Declared properties come in their order, each at most once, those that must come surely; properties that are not declared
/// may stand between them, under names that are not declared. On request the declared ones come in any order. In a tool call names stand without
/// quotation marks, and a colon ends them.
/// </summary>
internal sealed partial class ObjectNode : Node
{
    private const int Opening = 0;
    private const int First = 1;
    private const int Name = 2;
    private const int OtherName = 3;
    private const int Colon = 4;
    private const int Before = 5;
    private const int After = 6;
    private const int Comma = 7;

    private readonly ObjectShape _shape;
    private readonly Property[] _declared;
    private readonly NameTree _names;
    private readonly int[] _free;
    private readonly int _gap;
    private readonly int _valueGap;
    private readonly byte _nameEnd;
    private readonly Dictionary<Progress, Progress> _progress = [];
    private readonly BigInteger _required;
    private readonly int[] _firstRequired;
    private readonly int[] _requiredFrom;

    public ObjectNode(ObjectShape shape)
    {
        _shape = shape;
        _declared = shape.Declared;
        _gap = shape.Blanks && !shape.Calls ? Gap.None : Gap.Forbidden;
        _valueGap = _gap == Gap.Forbidden ? _gap : Gap.OneSpace;
        _nameEnd = shape.Calls ? (byte)':' : (byte)'"';
        _names = new NameTree(Array.ConvertAll(_declared, property => property.Name), shape.Calls);
        _free = _names.StatesOf(shape.Free.Dfa);
        _firstRequired = new int[_declared.Length + 1];
        _requiredFrom = new int[_declared.Length + 1];
        _firstRequired[^1] = _declared.Length;
        for (int i = _declared.Length - 1; i >= 0; i--)
        {
            bool required = _declared[i].Required;
            _required |= required ? BigInteger.One << i : BigInteger.Zero;
            _firstRequired[i] = required ? i : _firstRequired[i + 1];
            _requiredFrom[i] = _requiredFrom[i + 1] + (required ? 1 : 0);
        }
    }

    /// <summary>The tree of declared names.</summary>
    public NameTree Names => _names;

    /// <summary>A place of a name that is not declared, as long as it might still become a declared one and is between two characters.</summary>
    public bool IsNameApart(Frame frame, out int node)
    {
        node = frame.About;
        return (frame.At & 7) == OtherName && _free[node] == _shape.Free.Dfa.Body;
    }

    /// <summary>What follows such a name.</summary>
    public Frame AfterNameApart(Frame frame, Arrivals to) => AfterOther(FreeNames, frame, to);

    public override bool Decide()
    {
        foreach (Property property in _declared)
        {
            if (property.Required && !property.Value.Possible)
            {
                return false;
            }
        }

        return CanFinish(new Progress(0, 0, 0, 0, false));
    }

    public override void Arrive(Frame frame, Arrivals to)
    {
        // No mark opens a name in a call: it begins where the brace or the comma ends.
        if (_shape.Calls && ((frame.At & 7) is First or Comma))
        {
            Progress progress = (Progress)frame.Extra!;
            if ((frame.At & 7) == First && CanClose(progress))
            {
                to.Keep(frame);
            }

            if (CanGoOn(progress))
            {
                BeginName(frame, progress, to);
            }

            return;
        }

        to.Keep(frame);
        if ((frame.At & 7) == Before && Gap.CanEnd(frame.At >> 3))
        {
            Value value = frame.About < _declared.Length ? _declared[frame.About].Value : _shape.Others[frame.About - _declared.Length].Value;
            value.Enter(to.Later(this, After | (_gap << 3), 0, frame.Extra, frame.Parent), to);
        }
    }

    public override void Bytes(Frame frame, ref ByteSet bytes)
    {
        int phase = frame.At & 7;
        int gap = frame.At >> 3;
        Progress? progress = (Progress?)frame.Extra;
        switch (phase)
        {
            case Opening:
                bytes.Add((byte)'{');
                return;
            case Name:
                foreach ((byte value, int child) in _names.Children(frame.About))
                {
                    if (AnyBelow(child, progress!))
                    {
                        bytes.Add(value);
                    }
                }

                if (_names.PropertyAt(frame.About) is >= 0 and int property && MayCome(property, progress!))
                {
                    bytes.Add(_nameEnd);
                }

                return;
            case OtherName:
                AddApart(frame.About, ref bytes);
                return;
        }

        // Behind a blank a comma may not come: then the end must.
        if (phase != After || CanClose(progress!))
        {
            Gap.Bytes(gap, ref bytes);
        }

        if (!Gap.CanEnd(gap))
        {
            return;
        }

        if (phase == Colon)
        {
            bytes.Add((byte)':');
        }

        if (phase is First or After && CanClose(progress!))
        {
            bytes.Add((byte)'}');
        }

        if (phase == After && gap == _gap && CanGoOn(progress!))
        {
            bytes.Add((byte)',');
        }

        if (!_shape.Calls && (phase == Comma || (phase == First && CanGoOn(progress!))))
        {
            bytes.Add((byte)'"');
        }
    }

    public override void Step(Frame frame, byte value, Arrivals to)
    {
        int phase = frame.At & 7;
        int gap = frame.At >> 3;
        Progress progress = (Progress)frame.Extra!;
        switch (phase)
        {
            case Opening:
                if (value == '{')
                {
                    to.Go(this, First | (_gap << 3), 0, Once(new Progress(0, 0, 0, 0, false)), frame.Parent);
                }

                return;
            case Name:
                StepName(frame, value, progress, to);
                return;
            case OtherName:
                StepOtherName(frame, value, to);
                return;
        }

        if (Gap.Next(gap, value) is >= 0 and int next && (phase != After || CanClose(progress)))
        {
            to.Go(this, phase | (next << 3), frame.About, frame.Extra, frame.Parent);
            return;
        }

        if (!Gap.CanEnd(gap))
        {
            return;
        }

        switch ((char)value)
        {
            case ':' when phase == Colon:
                to.Go(this, Before | (_valueGap << 3), frame.About, frame.Extra, frame.Parent);
                break;
            case '}' when phase is First or After && CanClose(progress):
                to.Go(frame.Parent!);
                break;
            case ',' when phase == After && gap == _gap && CanGoOn(progress):
                to.Go(this, Comma | (_gap << 3), 0, frame.Extra, frame.Parent);
                break;
            case '"' when !_shape.Calls && (phase == Comma || (phase == First && CanGoOn(progress))):
                BeginName(frame, progress, to);
                break;
        }
    }
}
