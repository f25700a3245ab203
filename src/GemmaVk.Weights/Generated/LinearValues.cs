using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GemmaVk.Weights.Generated;

/// <summary>BF16 values ((h &amp; mask) * factor + offset) * 2^exponent, negative where h &amp; 16 is set if the rule has signs.</summary>
internal sealed class LinearValues(uint mask, int factor, int offset, int exponent, bool hasSigns = false) : GeneratedRule
{
    private readonly float _unit = MathF.ScaleB(1f, exponent);

    public override string DType => "BF16";

    public override int ElementBytes => sizeof(ushort);

    /// <summary>"norm p": 2^p * (8 + (h &amp; 15)) / 16.</summary>
    public static LinearValues Norm(int p, bool hasSigns = false) => new(15, 1, 8, p - 4, hasSigns);

    /// <summary>"odd k": (2 (h &amp; 127) - 127) * 2^k.</summary>
    public static LinearValues Odd(int k) => new(127, 2, -127, k);

    /// <summary>A group's scale: 2^e * (1 + (h &amp; 7) / 8).</summary>
    public static LinearValues Scale(int e) => new(7, 1, 8, e - 3);

    /// <summary>layer_scalar: (13 + (h &amp; 7)) / 16.</summary>
    public static LinearValues LayerScalar() => new(7, 1, 13, -4);

    public override void Fill(uint seed, long first, Span<byte> bytes)
    {
        Span<ushort> values = MemoryMarshal.Cast<byte, ushort>(bytes);
        int i = 0;
        for (; i + 16 <= values.Length; i += 16)
        {
            Vector256<uint> low = Bits(Hash8(seed, (uint)(first + i))), high = Bits(Hash8(seed, (uint)(first + i + 8)));
            Vector256.Narrow(low, high).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            values[i] = (ushort)Bits(Vector256.Create(Hash(seed, (uint)(first + i)))).ToScalar();
        }
    }

    private Vector256<uint> Bits(Vector256<uint> h)
    {
        // The mask leaves at most seven bits: safe as signed numbers.
        Vector256<int> q = ((h & Vector256.Create(mask)).AsInt32() * factor) + Vector256.Create(offset);
        Vector256<uint> bits = (Vector256.ConvertToSingle(q) * _unit).AsUInt32() >> 16;
        return hasSigns ? bits ^ ((h & Vector256.Create(16u)) << 11) : bits;
    }
}
