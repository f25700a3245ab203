// Mirror of src/GemmaVk.Tensors/QuantBlocks.cs: eight consecutive weights of a row as floats.
// Needs: one of WEIGHT_Q4, WEIGHT_Q8, WEIGHT_K (k_blocks.glsl), WEIGHT_F8E4M3, WEIGHT_BF16, WEIGHT_F32; WEIGHT_AT and SCALE_AT (matrices.glsl), rows first.
#include "group_scale.glsl"
#include "quant_bytes.glsl"

#if defined(WEIGHT_Q4)
#define WEIGHT_WORD uint
#elif defined(WEIGHT_Q8) || defined(WEIGHT_F8E4M3)
#define WEIGHT_WORD uvec2
#else
#define WEIGHT_WORD uvec4
#endif

// The four even (low) nibbles of a word, and with a shift by 4 the four odd ones, as 0 .. 15.
vec4 nibbles_of(uint word)
{
    return vec4(word & 15u, (word >> 8) & 15u, (word >> 16) & 15u, (word >> 24) & 15u);
}

float e4m3_of(uint bits)
{
    // Exponent and mantissa move to an F32's place and the bias grows by 120; subnormals are their mantissa times 2^-9.
    uint magnitude = bits & 0x7fu;
    float value = magnitude < 8u ? float(magnitude) * (1.0 / 512.0) : uintBitsToFloat((magnitude << 20) + (120u << 23));
    value = magnitude == 0x7fu ? uintBitsToFloat(0x7fc00000u) : value;
    return (bits & 0x80u) != 0u ? -value : value;
}

vec4 e4m3x4_of(uint word)
{
    return vec4(e4m3_of(word & 255u), e4m3_of((word >> 8) & 255u), e4m3_of((word >> 16) & 255u), e4m3_of(word >> 24));
}
