// Keys and values of this pass into the cache. Spec and reference: src/GemmaVk.Kernels/KvAppend.cs
//
// Bindings        0 key [T, K, W] float, read; not with values only    1 value [T, K, W] float, read    2 positions [T] int, read
//                 3 keys [K, R, W] F32, F16 or Q8, written; not with values only    4 values likewise, written
//                 Q8: 5 scales of keys [K, R, W/32] BF16, read and written    6 of values, likewise
// Push constants  T tokens, K KV heads, W head width, R rows per head; First and Count: the rows of [K * R] that are bound;
//                 Row0: row of key, value and positions where the T rows begin
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         an invocation owns COLUMNS neighbouring columns of one head of one token: a pair, or a group of 32 in Q8
// Dispatch        ceil(T * K * W / COLUMNS / LocalSize) workgroups, once per bound chunk of the cache
// Assumptions     W is a multiple of COLUMNS
// Why             pairs let F16 be written without 16-bit storage; a group needs no reduction across invocations. Two
//                 scales share a uint, and their owners differ: each changes its own half atomically
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"
#include "f16.glsl"
#include "bf16.glsl"
#include "quant_bytes.glsl"

#if defined(KV_Q8)
const uint COLUMNS = 32u;
#define STORED uvec4
#elif defined(KV_F16)
const uint COLUMNS = 2u;
#define STORED uint
#else
const uint COLUMNS = 2u;
#define STORED vec2
#endif
layout(push_constant) uniform Push { uint T; uint K; uint W; uint R; uint First; uint Count; uint Row0; };
layout(set = 0, binding = 1, std430) readonly buffer Value { vec2 value[]; };
layout(set = 0, binding = 2, std430) readonly buffer Positions { int positions[]; };
layout(set = 0, binding = 4, std430) writeonly buffer Values { STORED values[]; };
#ifndef VALUES_ONLY
layout(set = 0, binding = 0, std430) readonly buffer Key { vec2 key[]; };
layout(set = 0, binding = 3, std430) writeonly buffer Keys { STORED keys[]; };
#endif

#ifdef KV_Q8
layout(set = 0, binding = 6, std430) buffer ValueScales { uint valueScales[]; };
#ifndef VALUES_ONLY
layout(set = 0, binding = 5, std430) buffer KeyScales { uint keyScales[]; };
#endif

uint steps4(vec2 a, vec2 b, float inverse)
{
    return packed_bytes(ivec4(clamp(roundEven(vec4(a, b) * inverse), -127.0, 127.0)));
}

// Magnitudes are compared as bits, in which NaN is above all: a group that is not finite has a scale that is NaN.
// Group number from of the new rows into group to of the cache, whose scale is number to + base.
#define STORE_GROUP(source, from, cache, scales, to, base) \
    { \
        uvec2 top = uvec2(0u); \
        for (uint i = 0; i < 16u; i++) top = max(top, floatBitsToUint(source[16u * from + i]) & 0x7fffffffu); \
        float exact = uintBitsToFloat(max(top.x, top.y)) * (1.0 / 127.0); \
        uint bits = max(top.x, top.y) >= 0x7f800000u ? 0x7fc0u : exact < 1.17549435e-38 ? 0u : bf16_bits(exact); \
        float inverse = bits == 0u ? 0.0 : 1.0 / bf16_low(bits); \
        for (uint i = 0; i < 2u; i++) \
        { \
            uint at = 16u * from + 8u * i; \
            cache[2u * to + i] = uvec4( \
                steps4(source[at], source[at + 1u], inverse), steps4(source[at + 2u], source[at + 3u], inverse), \
                steps4(source[at + 4u], source[at + 5u], inverse), steps4(source[at + 6u], source[at + 7u], inverse)); \
        } \
        uint half_ = ((to + base) & 1u) * 16u; \
        atomicAnd(scales[(to + base) >> 1], 0xffff0000u >> half_); \
        atomicOr(scales[(to + base) >> 1], bits << half_); \
    }
#elif defined(KV_F16)
#define STORED_AS(pair) f16_pair(pair)
#else
#define STORED_AS(pair) (pair)
#endif

void main()
{
    uint parts = W / COLUMNS;
    for (uint own = invocation_index(); own < T * K * parts; own += invocation_count())
    {
        uint from = own + Row0 * K * parts;
        // 1 Token, head and row of the cache.
        uint i = from % parts;
        uint k = (from / parts) % K;
        uint t = from / (parts * K);
        uint row = k * R + uint(positions[t]) % R - First;

        // 2 Store, unless the row is in another chunk (below First it wraps to a large number).
        if (row < Count)
        {
            uint to = row * parts + i;
#ifdef KV_Q8
            uint base = First * parts;
            STORE_GROUP(value, from, values, valueScales, to, base)
#ifndef VALUES_ONLY
            STORE_GROUP(key, from, keys, keyScales, to, base)
#endif
#else
            values[to] = STORED_AS(value[from]);
#ifndef VALUES_ONLY
            keys[to] = STORED_AS(key[from]);
#endif
#endif
        }
    }
}
