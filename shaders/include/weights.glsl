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

// What is read of eight columns of a row; blocks are taken apart as they come.
#if defined(WEIGHT_K)
struct EightWords { uint even; uint odd; vec2 scale; };
#elif defined(WEIGHT_F32)
struct EightWords { uvec4 first; uvec4 second; };
#else
struct EightWords { WEIGHT_WORD word; };
#endif

EightWords words_of(uint n, uint c8, uint K)
{
    uint at = n * (K / 8u) + c8;
    EightWords words;
#if defined(WEIGHT_K)
    uvec4 low, high;
    k_codes(at >> 2, low, high);
    words.even = low[c8 & 3u];
    words.odd = high[c8 & 3u];
    words.scale = k_scale(at >> 2);
#elif defined(WEIGHT_F32)
    words.first = WEIGHT_AT(2u * at);
    words.second = WEIGHT_AT(2u * at + 1u);
#else
    words.word = WEIGHT_AT(at);
#endif
    return words;
}

// Columns 8 c8 .. 8 c8 + 7 of a row before their group_scale: a is the first four, b the last four.
void eight_of(EightWords words, uint c8, out vec4 a, out vec4 b)
{
#if defined(WEIGHT_Q4)
    vec4 even = nibbles_of(words.word) - 8.0;
    vec4 odd = nibbles_of(words.word >> 4) - 8.0;
    a = vec4(even.x, odd.x, even.y, odd.y);
    b = vec4(even.z, odd.z, even.w, odd.w);
#elif defined(WEIGHT_K)
    vec4 even = bytes_of(words.even), odd = bytes_of(words.odd);
#if defined(WEIGHT_Q6K)
    // Offsets are exact, and so are products.
    float step = (c8 & 2u) == 0u ? words.scale.x : words.scale.y;
    even = (even - 32.0) * step;
    odd = (odd - 32.0) * step;
#else
    even = even * words.scale.x - words.scale.y;
    odd = odd * words.scale.x - words.scale.y;
#endif
    a = vec4(even.x, odd.x, even.y, odd.y);
    b = vec4(even.z, odd.z, even.w, odd.w);
#elif defined(WEIGHT_Q8)
    a = bytes_of(words.word.x);
    b = bytes_of(words.word.y);
#elif defined(WEIGHT_F8E4M3)
    a = e4m3x4_of(words.word.x);
    b = e4m3x4_of(words.word.y);
#elif defined(WEIGHT_BF16)
    a = vec4(bf16_low(words.word.x), bf16_high(words.word.x), bf16_low(words.word.y), bf16_high(words.word.y));
    b = vec4(bf16_low(words.word.z), bf16_high(words.word.z), bf16_low(words.word.w), bf16_high(words.word.w));
#else
    a = uintBitsToFloat(words.first);
    b = uintBitsToFloat(words.second);
#endif
}

// The same of row n.
void weights8(uint n, uint c8, uint K, out vec4 a, out vec4 b) { eight_of(words_of(n, c8, K), c8, a, b); }
