using System;

namespace GemmaVk.Tensors;

/// <summary>
/// IEEE 754 binary16 in integer arithmetic and float sums alone, for compilers that know no half type. Equal to
/// <see cref="Half"/> in every value.
/// </summary>
public static class Float16
{
    // Adding and subtracting it rounds a float below 2^22 to a whole number, ties to even.
    private const float ToWhole = 12582912f;

    /// <summary>Widens bits to a float: exact.</summary>
    public static float ToSingle(ushort bits)
    {
        int exponent = (bits >> 10) & 31;
        int mantissa = bits & 1023;
        float magnitude = exponent == 0
            ? mantissa * (1f / 16777216f)
            : BitConverter.Int32BitsToSingle(((exponent == 31 ? 255 : exponent + 112) << 23) | (mantissa << 13));
        return (bits & 0x8000) != 0 ? -magnitude : magnitude;
    }

    /// <summary>Rounds to nearest, ties to even; what is too large becomes infinite, a NaN stays one.</summary>
    public static ushort FromSingle(float value)
    {
        uint bits = (uint)BitConverter.SingleToInt32Bits(value);
        uint sign = (bits >> 16) & 0x8000;
        bits &= 0x7FFFFFFF;
        if (bits > 0x7F800000)
        {
            return (ushort)(sign | 0x7E00);
        }

        if (bits >= 0x47800000)
        {
            return (ushort)(sign | 0x7C00);
        }

        if (bits < 0x38800000)
        {
            // A subnormal counts steps of 2^-24.
            float steps = BitConverter.Int32BitsToSingle((int)bits) * 16777216f;
            return (ushort)(sign | (uint)(int)(steps + ToWhole - ToWhole));
        }

        // A carry out of the mantissa is the next exponent, and out of the largest one infinity.
        return (ushort)(sign | ((bits + 0xFFF + ((bits >> 13) & 1) - 0x38000000) >> 13));
    }
}
