// F16 by integer arithmetic: packHalf2x16 may round either way, and software drivers truncate. This rounds to nearest even.
uint f16_bits(float value)
{
    uint bits = floatBitsToUint(value);
    uint sign = (bits >> 16) & 0x8000u;
    uint magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return sign | 0x7e00u;   // NaN
    if (magnitude >= 0x477ff000u) return sign | 0x7c00u;  // rounds to 65536 or more: infinity
    if (magnitude >= 0x38800000u)
    {
        // Normal in F16: rebias the exponent, then round the 13 bits that fall off.
        uint rebiased = magnitude - 0x38000000u;
        return sign | ((rebiased + 0xfffu + ((rebiased >> 13) & 1u)) >> 13);
    }

    // Subnormal: one step of F16 is 2^-24, which is one ulp of a float in [0.5, 1), so the addition rounds.
    precise float shifted = uintBitsToFloat(magnitude) + 0.5;
    return sign | (floatBitsToUint(shifted) - 0x3f000000u);
}

uint f16_pair(vec2 v) { return f16_bits(v.x) | (f16_bits(v.y) << 16); }
