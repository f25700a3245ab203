using System;

namespace GemmaVk.Tensors;

/// <summary>
/// FP8 E4M3 in the finite variant that checkpoints use (float8_e4m3fn): bias 7, no infinities, 0x7F and 0xFF are NaN,
/// largest value 448, smallest subnormal 2^-9.
/// </summary>
public static class Float8
{
    /// <summary>Widens bits to a float: exact.</summary>
    public static float ToSingle(byte bits)
    {
        int exponent = (bits >> 3) & 15;
        int mantissa = bits & 7;
        float magnitude = exponent == 0
            ? mantissa * (1f / 512f)
            : exponent == 15 && mantissa == 7
                ? float.NaN
                : BitConverter.Int32BitsToSingle(((exponent + 120) << 23) | (mantissa << 20));
        return (bits & 0x80) != 0 ? -magnitude : magnitude;
    }
}
