// Scales of weights in groups: two of them share a uint, the earlier one in the low half. BF16, or with SCALE_F16 defined F16.
#include "bf16.glsl"

#if defined(SCALE_F16)
// By integers and one exact product: unpackHalf2x16 may take a subnormal for zero.
float half_of(uint bits)
{
    uint magnitude = bits & 0x7fffu;
    float value = magnitude < 0x400u ? float(magnitude) * (1.0 / 16777216.0) : uintBitsToFloat((magnitude << 13) + 0x38000000u);
    return (bits & 0x8000u) != 0u ? -value : value;
}

float scale_of(uint pair, uint index) { return half_of((index & 1u) == 0u ? pair & 0xffffu : pair >> 16); }
#else
float scale_of(uint pair, uint index) { return bf16_of(pair, index); }
#endif
