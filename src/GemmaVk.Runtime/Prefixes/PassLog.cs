using System.Collections.Generic;

namespace GemmaVk.Runtime.Prefixes;

/// <summary>How each row of a cache was made, from the first on: in wide passes or in narrow ones (<see cref="PassRule"/>).</summary>
internal sealed class PassLog
{
    // Where each run of passes of one kind ends.
    private readonly List<(int End, bool Wide)> _runs = [];

    /// <summary>Rows that are known.</summary>
    public int Length => _runs.Count == 0 ? 0 : _runs[^1].End;

    /// <summary>Adds the rows of a pass.</summary>
    public void Add(int end, bool wide)
    {
        if (_runs.Count > 0 && _runs[^1].Wide == wide)
        {
            _runs[^1] = (end, wide);
        }
        else
        {
            _runs.Add((end, wide));
        }
    }

    /// <summary>Forgets rows from <paramref name="length"/> on.</summary>
    public void Cut(int length)
    {
        while (_runs.Count > 0 && _runs[^1].End > length)
        {
            bool wide = _runs[^1].Wide;
            _runs.RemoveAt(_runs.Count - 1);
            if (Length < length)
            {
                _runs.Add((length, wide));
            }
        }
    }

    /// <summary>Whether a row was made in a wide pass.</summary>
    public bool IsWide(int row)
    {
        int i = _runs.Count - 1;
        while (i > 0 && _runs[i - 1].End > row)
        {
            i--;
        }

        return _runs[i].Wide;
    }

    /// <summary>Where the rows of one kind that a row is among end.</summary>
    public int RunEnd(int row)
    {
        int i = 0;
        while (_runs[i].End <= row)
        {
            i++;
        }

        return _runs[i].End;
    }

    /// <summary>What is known of the first <paramref name="length"/> rows.</summary>
    public PassLog Until(int length)
    {
        PassLog copy = new();
        copy._runs.AddRange(_runs);
        copy.Cut(length);
        return copy;
    }
}
