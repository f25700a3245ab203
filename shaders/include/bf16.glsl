// BF16 is the upper half of an F32; two of them share a uint, the earlier one in the low half.
float bf16_low(uint pair) { return uintBitsToFloat(pair << 16); }
float bf16_high(uint pair) { return uintBitsToFloat(pair & 0xffff0000u); }
float bf16_of(uint pair, uint index) { return (index & 1u) == 0u ? bf16_low(pair) : bf16_high(pair); }

// A finite float rounded to nearest even.
uint bf16_bits(float value)
{
    uint bits = floatBitsToUint(value);
    return (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}
