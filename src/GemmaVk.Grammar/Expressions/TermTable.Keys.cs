using System;

namespace GemmaVk.Grammar.Expressions;

/// <summary>How a term is found again.</summary>
internal sealed partial class TermTable
{
    private readonly struct Key(TermKind kind, CodeSet? set, Term[] parts, int min, int max) : IEquatable<Key>
    {
        private readonly TermKind _kind = kind;
        private readonly CodeSet? _set = set;
        private readonly Term[] _parts = parts;
        private readonly int _min = min;
        private readonly int _max = max;

        public bool Equals(Key other) => _kind == other._kind && _min == other._min && _max == other._max && Equals(_set, other._set) && _parts.AsSpan().SequenceEqual(other._parts);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            HashCode hash = default;
            hash.Add(_kind);
            hash.Add(_set);
            hash.Add(_min);
            hash.Add(_max);
            foreach (Term part in _parts)
            {
                hash.Add(part.Id);
            }

            return hash.ToHashCode();
        }
    }
}
