// A group of 32 columns of a weight row times that of an INT8 row, for the bodies of MatVec and MatMul. A group of weights is one uvec4 of
// nibbles or two of bytes, or lies in a block (k_blocks.glsl); one of an INT8 row is two uvec4 of bytes.
#include "dot4.glsl"
#define WEIGHT_WORD uvec4
#define DATA_BINDING 0
#define SCALE_BINDING 1
#include "matrices.glsl"
layout(set = 0, binding = X_BINDING, std430) readonly buffer X { uvec4 x[]; };
layout(set = 0, binding = X_BINDING + 1, std430) readonly buffer D { float d[]; };
layout(set = 0, binding = X_BINDING + 2, std430) readonly buffer Sum { float sum[]; };

// What a group's integers are multiplied by; formats of blocks have two such numbers.
#ifdef WEIGHT_K
#include "k_blocks.glsl"
#define GROUP_SCALE vec2
#else
#define GROUP_SCALE float
#endif

// What is read of a group of weights; blocks are taken apart as they come.
#if defined(WEIGHT_K)
struct GroupWords { uvec4 low; uvec4 high; vec2 scale; };
#elif defined(WEIGHT_Q4)
struct GroupWords { uvec4 word; uint scale; };
#else
struct GroupWords { uvec4 low; uvec4 high; uint scale; };
#endif

GroupWords words_of(uint at)
{
    GroupWords words;
#if defined(WEIGHT_K)
    k_codes(at, words.low, words.high);
    words.scale = k_scale(at);
#elif defined(WEIGHT_Q4)
    words.word = WEIGHT_AT(at);
    words.scale = SCALE_AT(at >> 1);
#else
    words.low = WEIGHT_AT(2u * at);
    words.high = WEIGHT_AT(2u * at + 1u);
    words.scale = SCALE_AT(at >> 1);
#endif
    return words;
}

GROUP_SCALE group_of(GroupWords words, uint at, out uvec4 low, out uvec4 high)
{
#if defined(WEIGHT_Q4)
    low = words.word & 0x0f0f0f0fu;
    high = (words.word >> 4) & 0x0f0f0f0fu;
#else
    low = words.low;
    high = words.high;
#endif
#if defined(WEIGHT_K)
    return words.scale;
#else
    return scale_of(words.scale, at);
#endif
}

GROUP_SCALE group_of(uint at, out uvec4 low, out uvec4 high) { return group_of(words_of(at), at, low, high); }

// Step of a group of an INT8 row, and what its sum contributes whatever the weights are.
vec2 unit_of(uint at)
{
#if defined(WEIGHT_K)
    return vec2(d[at], sum[at]);
#elif defined(WEIGHT_Q4)
    // Nibbles are weights plus eight.
    precise float offset = -8.0 * sum[at];
    return vec2(d[at], offset);
#else
    return vec2(d[at], 0.0);
#endif
}

// Integers of Q6K are weights plus 32: what that adds to the products of each half.
ivec2 offsets_of(uvec4 xLow, uvec4 xHigh)
{
#if defined(WEIGHT_Q6K)
    return ivec2(dot8(uvec2(0x20202020u), xLow.xy) + dot8(uvec2(0x20202020u), xHigh.xy), dot8(uvec2(0x20202020u), xLow.zw) + dot8(uvec2(0x20202020u), xHigh.zw));
#else
    return ivec2(0);
#endif
}

// The sum so far and this group's part, always in this order of operations.
float add_group(float acc, GROUP_SCALE scale, uvec4 low, uvec4 high, uvec4 xLow, uvec4 xHigh, vec2 unit, ivec2 offsets)
{
#if defined(WEIGHT_Q6K)
    int first = dot8(low.xy, xLow.xy) + dot8(high.xy, xHigh.xy) - offsets.x;
    int second = dot8(low.zw, xLow.zw) + dot8(high.zw, xHigh.zw) - offsets.y;
    precise float value = fma(scale.x, unit.x * float(first), acc);
    value = fma(scale.y, unit.x * float(second), value);
#elif defined(WEIGHT_K)
    int steps = dot16(low, xLow) + dot16(high, xHigh);
    precise float value = fma(scale.x, unit.x * float(steps), fma(-scale.y, unit.y, acc));
#else
    int steps = dot16(low, xLow) + dot16(high, xHigh);
    precise float value = fma(scale, fma(unit.x, float(steps), unit.y), acc);
#endif
    return value;
}
