using System;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Generated;

/// <summary>BF16 matrices whose values lie on an INT4 grid of one scale 2^exponent: the assistant's linears.</summary>
internal sealed class NibbleValues(int exponent) : GeneratedRule
{
    private readonly ushort[] _values = Table(exponent, n => n == 0 ? 0 : n - 8);
    private readonly ushort[] _groupStarts = Table(exponent, n => n < 8 ? -7 : 7);

    public override string DType => "BF16";

    public override int ElementBytes => sizeof(ushort);

    public override void Fill(uint seed, long first, Span<byte> bytes)
    {
        Span<ushort> values = MemoryMarshal.Cast<byte, ushort>(bytes);
        for (int i = 0; i < values.Length; i += 8)
        {
            uint h = Hash(seed, (uint)((first + i) / 8));
            Span<ushort> eight = values.Slice(i, 8);
            eight[0] = ((first + i) & 31) == 0 ? _groupStarts[h & 15] : _values[h & 15];
            for (int n = 1; n < 8; n++)
            {
                eight[n] = _values[(h >> (4 * n)) & 15];
            }
        }
    }

    private static ushort[] Table(int exponent, Func<int, int> level)
    {
        ushort[] table = new ushort[16];
        for (int n = 0; n < table.Length; n++)
        {
            table[n] = BFloat16.FromSingle(MathF.ScaleB(level(n), exponent));
        }

        return table;
    }
}
