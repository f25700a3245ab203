using System;
using System.Numerics;
using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Automata;

/// <summary>Which names may come, and what each leads to.</summary>
internal sealed partial class ObjectNode
{
    /// <summary>The kind of other properties whose names are every name but the declared ones, or -1.</summary>
    private int FreeNames => Array.FindIndex(_shape.Others, other => other.Name is null && other.Value.Possible);

    private void BeginName(Frame frame, Progress progress, Arrivals to)
    {
        if (AnyBelow(0, progress))
        {
            to.Go(this, Name, 0, progress, frame.Parent);
        }

        if (!OtherMayCome(progress))
        {
            return;
        }

        for (int i = 0; i < _shape.Others.Length; i++)
        {
            OtherProperties other = _shape.Others[i];
            if (!other.Value.Possible)
            {
                continue;
            }

            if (other.Name is { } name)
            {
                to.Go(name, name.Start, 0, null, AfterOther(i, frame, to));
            }
            else
            {
                to.Go(this, OtherName, 0, progress, frame.Parent);
            }
        }
    }

    private void StepName(Frame frame, byte value, Progress progress, Arrivals to)
    {
        int property = _names.PropertyAt(frame.About);
        if (value == _nameEnd && property >= 0 && MayCome(property, progress))
        {
            to.Go(this, _shape.Calls ? Before | (_gap << 3) : Colon | (Gap.Forbidden << 3), property, Once(With(progress, property)), frame.Parent);
        }
        else if (_names.Child(frame.About, value) is >= 0 and int child && AnyBelow(child, progress))
        {
            to.Go(this, Name, child, progress, frame.Parent);
        }
    }

    /// <summary>
    /// A name that is not declared. As long as it might still become a declared one, its characters stand for themselves; once it differs, it is any string.
    /// </summary>
    private void StepOtherName(Frame frame, byte value, Arrivals to)
    {
        if (value == '\\')
        {
            return;
        }

        if (value == '"')
        {
            if (_names.PropertyAt(frame.About) < 0 && _free[frame.About] == _shape.Free.Dfa.Body)
            {
                to.Go(AfterOther(FreeNames, frame, to));
            }

            return;
        }

        if (_names.Child(frame.About, value) is >= 0 and int child)
        {
            to.Go(this, OtherName, child, frame.Extra, frame.Parent);
        }
        else if (_shape.Free.Dfa.Next(_free[frame.About], value) is not ByteDfa.Dead and int next)
        {
            to.Go(_shape.Free, next, 0, null, AfterOther(FreeNames, frame, to));
        }
    }

    /// <summary>The bytes of any string, but those that would end a declared name or escape a character while it might still become one.</summary>
    private void AddApart(int node, ref ByteSet bytes)
    {
        ByteSet free = _shape.Free.Dfa.Bytes(_free[node]);
        for (int value = 0; value < 256; value++)
        {
            bool ends = value == '"' && _names.PropertyAt(node) >= 0;
            if (free.Contains((byte)value) && value != '\\' && !ends)
            {
                bytes.Add((byte)value);
            }
        }
    }

    private Frame AfterOther(int kind, Frame frame, Arrivals to) =>
        to.Later(this, Colon | (Gap.Forbidden << 3), _declared.Length + kind, Once(WithOther((Progress)frame.Extra!)), frame.Parent);

    private Progress Once(Progress progress)
    {
        if (!_progress.TryGetValue(progress, out Progress? known))
        {
            known = progress;
            _progress.Add(progress, progress);
        }

        return known;
    }

    private Progress With(Progress progress, int property) => Counted(_shape.AnyOrder
        ? progress with { Seen = progress.Seen | (BigInteger.One << property), Least = progress.Least + 1, Most = progress.Most + 1 }
        : progress with { Next = property + 1, Least = progress.Least + 1, Most = progress.Most + 1 });

    // Two properties that are not declared may have the same name: a fewest counts them once.
    private Progress WithOther(Progress progress) =>
        Counted(progress with { Least = progress.Least + (progress.Other ? 0 : 1), Most = progress.Most + 1, Other = _shape.Min > 0 });

    private Progress Counted(Progress progress) => progress with
    {
        Least = Math.Min(progress.Least, _shape.Min),
        Most = _shape.Max == int.MaxValue ? 0 : progress.Most,
    };

    private bool AnyBelow(int node, Progress progress)
    {
        foreach (int property in _names.Below(node))
        {
            if (MayCome(property, progress))
            {
                return true;
            }
        }

        return false;
    }

    private bool MayCome(int property, Progress progress)
    {
        if (!_declared[property].Value.Possible)
        {
            return false;
        }

        if (_shape.AnyOrder)
        {
            return (progress.Seen >> property & 1).IsZero && (!Bounded || CanFinish(With(progress, property)));
        }

        // Nothing that must come is jumped over.
        if (property < progress.Next || property > _firstRequired[progress.Next])
        {
            return false;
        }

        return !Bounded || CanFinish(With(progress, property));
    }

    private bool Bounded => _shape.Max != int.MaxValue || _shape.Min > 0;

    private bool OtherMayCome(Progress progress) => !Bounded || CanFinish(WithOther(progress));

    private bool CanClose(Progress progress) => RequiredLeft(progress) == 0 && progress.Least >= _shape.Min;

    private bool CanGoOn(Progress progress)
    {
        if (AnyBelow(0, progress))
        {
            return true;
        }

        return Array.Exists(_shape.Others, other => other.Value.Possible) && OtherMayCome(progress);
    }

    /// <summary>Whether the object can still be closed: what must come fits, and enough can come.</summary>
    private bool CanFinish(Progress progress)
    {
        int must = RequiredLeft(progress);
        if (_shape.Max != int.MaxValue && progress.Most + must > _shape.Max)
        {
            return false;
        }

        if (progress.Least >= _shape.Min)
        {
            return true;
        }

        int can = !progress.Other && Array.Exists(_shape.Others, other => other.Value.Possible) ? 1 : 0;
        for (int i = 0; i < _declared.Length; i++)
        {
            bool open = _shape.AnyOrder ? (progress.Seen >> i & 1).IsZero : i >= progress.Next;
            can += open && _declared[i].Value.Possible ? 1 : 0;
        }

        bool room = _shape.Max == int.MaxValue || progress.Most + (_shape.Min - progress.Least) <= _shape.Max;
        return room && progress.Least + can >= _shape.Min;
    }

    private int RequiredLeft(Progress progress)
    {
        if (!_shape.AnyOrder)
        {
            return _requiredFrom[progress.Next];
        }

        int left = 0;
        BigInteger missing = _required & ~progress.Seen;
        for (; !missing.IsZero; missing &= missing - 1)
        {
            left++;
        }

        return left;
    }
}
