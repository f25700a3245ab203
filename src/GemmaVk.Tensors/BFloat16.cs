using System;

namespace GemmaVk.Tensors;

/// <summary>BF16 is the upper 16 bits of a binary32. This file is the source of truth for its rounding.</summary>
public static class BFloat16
{
    /// <summary>Widens bits to a float: exact.</summary>
    public static float ToSingle(ushort bits) => BitConverter.Int32BitsToSingle(bits << 16);

    /// <summary>Rounds to nearest, ties to even; a NaN stays a (quiet) NaN.</summary>
    public static ushort FromSingle(float value)
    {
        uint bits = (uint)BitConverter.SingleToInt32Bits(value);
        if (float.IsNaN(value))
        {
            // Rounding could carry a NaN's payload into infinity: keep sign and set the quiet bit.
            return (ushort)((bits >> 16) | 0x0040);
        }

        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
