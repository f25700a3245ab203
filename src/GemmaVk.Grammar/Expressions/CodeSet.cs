using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Grammar.Expressions;

/// <summary>A set of Unicode scalar values as ascending, disjoint, inclusive ranges. Surrogates are in no set.</summary>
internal sealed class CodeSet : IEquatable<CodeSet>
{
    public const int Last = 0x10FFFF;

    private readonly int[] _bounds;
    private readonly int _hash;

    private CodeSet(int[] bounds)
    {
        _bounds = bounds;
        HashCode hash = default;
        foreach (int bound in bounds)
        {
            hash.Add(bound);
        }

        _hash = hash.ToHashCode();
    }

    public static CodeSet None { get; } = new([]);

    public static CodeSet All { get; } = Of((0, Last));

    public int Count => _bounds.Length / 2;

    public bool IsEmpty => _bounds.Length == 0;

    public (int Low, int High) this[int range] => (_bounds[range * 2], _bounds[(range * 2) + 1]);

    public static CodeSet Of(params IEnumerable<(int Low, int High)> ranges)
    {
        var bounds = new List<int>();
        foreach ((int low, int high) in ranges.SelectMany(WithoutSurrogates).OrderBy(range => range.Low))
        {
            // D7FF and E000 are neighbours: no scalar value lies between them.
            if (bounds.Count > 0 && (low <= bounds[^1] + 1 || (bounds[^1] == 0xD7FF && low == 0xE000)))
            {
                bounds[^1] = Math.Max(bounds[^1], high);
            }
            else
            {
                bounds.Add(low);
                bounds.Add(high);
            }
        }

        return bounds.Count == 0 ? None : new CodeSet([.. bounds]);
    }

    public static CodeSet OfChars(string chars) => Of(chars.Select(c => ((int)c, (int)c)));

    public bool Contains(int code)
    {
        for (int i = 0; i < _bounds.Length; i += 2)
        {
            if (code <= _bounds[i + 1])
            {
                return code >= _bounds[i];
            }
        }

        return false;
    }

    public CodeSet Union(CodeSet other) => IsEmpty ? other : other.IsEmpty ? this : Of(Ranges().Concat(other.Ranges()));

    public CodeSet Complement()
    {
        var ranges = new List<(int, int)>();
        int next = 0;
        foreach ((int low, int high) in Ranges())
        {
            if (low > next)
            {
                ranges.Add((next, low - 1));
            }

            next = high + 1;
        }

        if (next <= Last)
        {
            ranges.Add((next, Last));
        }

        return Of(ranges);
    }

    public CodeSet Except(CodeSet other) => Complement().Union(other).Complement();

    public IEnumerable<(int Low, int High)> Ranges()
    {
        for (int i = 0; i < _bounds.Length; i += 2)
        {
            yield return (_bounds[i], _bounds[i + 1]);
        }
    }

    public bool Equals(CodeSet? other) => other is not null && _hash == other._hash && _bounds.AsSpan().SequenceEqual(other._bounds);

    public override bool Equals(object? obj) => Equals(obj as CodeSet);

    public override int GetHashCode() => _hash;

    private static IEnumerable<(int Low, int High)> WithoutSurrogates((int Low, int High) range)
    {
        if (range.Low <= Math.Min(range.High, 0xD7FF))
        {
            yield return (range.Low, range.High is > 0xD7FF and < 0xE000 ? 0xD7FF : range.High);
        }
        else if (Math.Max(range.Low, 0xE000) <= range.High)
        {
            yield return (Math.Max(range.Low, 0xE000), range.High);
        }
    }
}
