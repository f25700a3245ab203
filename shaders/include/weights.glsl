// Bindings of a weight matrix and the decoding of eight of its columns. The kernel defines DATA_BINDING and SCALE_BINDING.
#include "quant_blocks.glsl"
#include "matrices.glsl"

#if defined(WEIGHT_K)
#include "k_blocks.glsl"
#endif

// Scale of group g of row n, for rows of K columns; one where weights8 has multiplied already.
float group_scale(uint n, uint g, uint K)
{
#if defined(WEIGHT_Q4) || defined(WEIGHT_Q8)
    uint at = n * (K / 32u) + g;
    return scale_of(SCALE_AT(at >> 1), at);
#elif defined(WEIGHT_F8E4M3)
    return bf16_of(SCALE_AT(n >> 1), n);
#else
    return 1.0;
#endif
}

// Columns 8 c8 .. 8 c8 + 7 of row n before their group_scale: a is the first four, b the last four.
void weights8(uint n, uint c8, uint K, out vec4 a, out vec4 b)
{
    uint at = n * (K / 8u) + c8;
#if defined(WEIGHT_Q4)
    uint word = WEIGHT_AT(at);
    vec4 even = nibbles_of(word) - 8.0;
    vec4 odd = nibbles_of(word >> 4) - 8.0;
    a = vec4(even.x, odd.x, even.y, odd.y);
    b = vec4(even.z, odd.z, even.w, odd.w);
#elif defined(WEIGHT_K)
    uint group = at >> 2;
    uvec4 low, high;
    k_codes(group, low, high);
    vec2 scale = k_scale(group);
    vec4 even = bytes_of(low[c8 & 3u]), odd = bytes_of(high[c8 & 3u]);
#if defined(WEIGHT_Q6K)
    // Offsets are exact, and so are products.
    float step = (c8 & 2u) == 0u ? scale.x : scale.y;
    even = (even - 32.0) * step;
    odd = (odd - 32.0) * step;
#else
    even = even * scale.x - scale.y;
    odd = odd * scale.x - scale.y;
#endif
    a = vec4(even.x, odd.x, even.y, odd.y);
    b = vec4(even.z, odd.z, even.w, odd.w);
#elif defined(WEIGHT_Q8)
    uvec2 word = WEIGHT_AT(at);
    a = bytes_of(word.x);
    b = bytes_of(word.y);
#elif defined(WEIGHT_F8E4M3)
    uvec2 word = WEIGHT_AT(at);
    a = e4m3x4_of(word.x);
    b = e4m3x4_of(word.y);
#elif defined(WEIGHT_BF16)
    uvec4 word = WEIGHT_AT(at);
    a = vec4(bf16_low(word.x), bf16_high(word.x), bf16_low(word.y), bf16_high(word.y));
    b = vec4(bf16_low(word.z), bf16_high(word.z), bf16_low(word.w), bf16_high(word.w));
#else
    a = uintBitsToFloat(WEIGHT_AT(2u * at));
    b = uintBitsToFloat(WEIGHT_AT(2u * at + 1u));
#endif
}
