using System;

namespace GemmaVk.Grammar.Vocabularies;

/// <summary>The tokens that were found for a mask, and the form in which it is kept.</summary>
internal sealed partial class MaskBuilder
{
    private void Add(int token)
    {
        if (_count == _more.Length)
        {
            Array.Resize(ref _more, _count * 2);
        }

        _more[_count++] = token;
    }

    private void Add(ReadOnlySpan<int> tokens, FreeStrings? table, int min, int max)
    {
        if (table is null)
        {
            if (tokens.Length == 1)
            {
                Add(tokens[0]);
            }
            else if (tokens.Length > 1)
            {
                if (_count + tokens.Length > _more.Length)
                {
                    Array.Resize(ref _more, Math.Max(_count + tokens.Length, _more.Length * 2));
                }

                tokens.CopyTo(_more.AsSpan(_count));
                _count += tokens.Length;
            }

            return;
        }

        foreach (int number in tokens)
        {
            (int token, int characters) = table.Closings[number];
            if (characters >= min && characters <= max && (_apart.Count == 0 || !_apart.Contains(token)))
            {
                Add(token);
            }
        }
    }

    private TokenMask Collect()
    {
        ReadOnlySpan<int> more = _more.AsSpan(0, _count);
        if (_shared.Count <= 1 && _count <= MostListed)
        {
            return _shared is [(uint[] only, int[] less)] ? new TokenMask(only, less, more.ToArray()) : new TokenMask(null, [], more.ToArray());
        }

        // Each place lacks its own tokens; what another allows is put back.
        uint[] row = new uint[vocabulary.Words];
        uint[] one = _shared.Count > 0 ? new uint[vocabulary.Words] : [];
        foreach ((uint[] shared, int[] less) in _shared)
        {
            new TokenMask(shared, less, []).Fill(one);
            for (int i = 0; i < row.Length; i++)
            {
                row[i] |= one[i];
            }
        }

        foreach (int token in more)
        {
            row[token >> 5] |= 1u << token;
        }

        return new TokenMask(row, [], [], owned: true);
    }
}
