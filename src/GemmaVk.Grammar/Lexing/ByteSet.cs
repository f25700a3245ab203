using System.Numerics;

namespace GemmaVk.Grammar.Lexing;

/// <summary>A set of bytes.</summary>
internal struct ByteSet
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    public readonly int Count => BitOperations.PopCount(_a) + BitOperations.PopCount(_b) + BitOperations.PopCount(_c) + BitOperations.PopCount(_d);

    public readonly bool Contains(byte value)
    {
        ulong word = (value >> 6) switch { 0 => _a, 1 => _b, 2 => _c, _ => _d };
        return (word >> (value & 63) & 1) != 0;
    }

    public void Add(byte value)
    {
        ulong bit = 1UL << (value & 63);
        switch (value >> 6)
        {
            case 0:
                _a |= bit;
                break;
            case 1:
                _b |= bit;
                break;
            case 2:
                _c |= bit;
                break;
            default:
                _d |= bit;
                break;
        }
    }

    public void Add(in ByteSet other)
    {
        _a |= other._a;
        _b |= other._b;
        _c |= other._c;
        _d |= other._d;
    }

    /// <summary>The only byte, where there is one alone.</summary>
    public readonly bool IsOne(out byte only)
    {
        only = (byte)(_a != 0 ? BitOperations.TrailingZeroCount(_a)
            : _b != 0 ? 64 + BitOperations.TrailingZeroCount(_b)
            : _c != 0 ? 128 + BitOperations.TrailingZeroCount(_c)
            : 192 + BitOperations.TrailingZeroCount(_d));
        return Count == 1;
    }
}
