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

// The four E4M3 numbers of a word. Exponent and mantissa move to an F32's place and the bias grows by 120; a subnormal, its mantissa times
// 2^-9, is what it adds to 2^-6, which takes no conversion of integers.
vec4 e4m3x4_of(uint word)
{
    uvec4 magnitude = uvec4(word << 20, word << 12, word << 4, word >> 4) & 0x07f00000u;
    uvec4 sign = uvec4(word << 24, word << 16, word << 8, word) & 0x80000000u;
    precise vec4 subnormal = uintBitsToFloat(magnitude + (121u << 23)) - vec4(0.015625);
    vec4 value = mix(uintBitsToFloat(magnitude + (120u << 23)), subnormal, lessThan(magnitude, uvec4(8u << 20)));
    uvec4 bits = floatBitsToUint(value) | sign;
    return uintBitsToFloat(mix(bits, uvec4(0x7fc00000u), equal(magnitude, uvec4(0x7fu << 20))));
}
