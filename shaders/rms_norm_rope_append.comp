// Head norms, rotation, and the new rows into the cache. Spec and reference: src/GemmaVk.Kernels/RmsNormRopeAppend.cs
//
// Bindings        0 q [., H, W] float, read and written    1 key [., K, W] float, read; not with values only    2 raw values [., K, W] float, read
//                 3 qWeight [W] float, read    4 kWeight [W] float, read; not with values only    5 angles [., W] float, read
//                 6 positions [.] int, read    7 keys [K, R, W] F32, F16 or Q8, written; not with values only    8 values likewise, written
//                 Q8: 9 scales of keys [K, R, W/32] BF16, read and written    10 of values, likewise
// Push constants  H query heads, K KV heads, W head width, R rows per head; First and Count: the rows of [K * R] that are bound;
//                 Row0: row of the inputs where the T rows begin; Skip: heads of a row that are left out, H where queries are done; Eps
// Specialization  0 LocalSize: invocations of a workgroup, up to 256    1 Held: pairs of columns that an invocation holds, ceil(W / 2 / LocalSize)
// Mapping         a workgroup owns one head of one token: heads of queries, then of keys (unless the cache has none), then of values
// Dispatch        x = heads of a row less Skip, y = T; once per bound chunk of the cache
// Assumptions     W is even, at most 512 (Q8: a multiple of 32)
// Why             a head is read once and goes from its norm to where it stays through shared memory, because who norms a column and who packs
//                 a pair or a group of them are different invocations. Five dispatches become one. Its pairs stay in registers meanwhile: one trip to memory
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint Held = 4;
#include "reduce.glsl"
#include "f16.glsl"
#include "bf16.glsl"
#include "quant_bytes.glsl"

#if defined(KV_Q8)
#define STORED uvec4
#elif defined(KV_F16)
#define STORED uint
#else
#define STORED vec2
#endif
layout(push_constant) uniform Push { uint H; uint K; uint W; uint R; uint First; uint Count; uint Row0; uint Skip; float Eps; };
layout(set = 0, binding = 0, std430) buffer Q { float q[]; };
layout(set = 0, binding = 2, std430) readonly buffer Raw { float raw[]; };
layout(set = 0, binding = 3, std430) readonly buffer QWeight { float qWeight[]; };
layout(set = 0, binding = 5, std430) readonly buffer Angles { float angles[]; };
layout(set = 0, binding = 6, std430) readonly buffer Positions { int positions[]; };
layout(set = 0, binding = 8, std430) writeonly buffer Values { STORED values[]; };
#ifdef KV_Q8
layout(set = 0, binding = 10, std430) buffer ValueScales { uint valueScales[]; };
#endif
#ifndef VALUES_ONLY
layout(set = 0, binding = 1, std430) readonly buffer Key { float key[]; };
layout(set = 0, binding = 4, std430) readonly buffer KWeight { float kWeight[]; };
layout(set = 0, binding = 7, std430) writeonly buffer Keys { STORED keys[]; };
#ifdef KV_Q8
layout(set = 0, binding = 9, std430) buffer KeyScales { uint keyScales[]; };
#endif
#endif

shared float head[512];

// First column of a pair (c, c + W/2) that this invocation holds in place i.
uint held_pair(uint i) { return i * gl_WorkGroupSize.x + gl_LocalInvocationID.x; }

// What a head is multiplied by; its pairs beyond W/2 are zero. All invocations of the workgroup must call it.
float held_inverse(vec2 row[Held])
{
    float sum = 0.0;
    [[unroll]] for (uint i = 0; i < Held; i++) sum = fma(row[i].x, row[i].x, sum);
    [[unroll]] for (uint i = 0; i < Held; i++) sum = fma(row[i].y, row[i].y, sum);
    return 1.0 / sqrt(workgroup_sum(sum) / float(W) + Eps);
}

// A head of source from column at on, normed with a weight and turned, into head. w is the weight's buffer. All that is read is asked for before the sum.
#define NORM_AND_TURN(source, at, w) \
    { \
        vec2 row[Held], weight[Held], angle[Held]; \
        [[unroll]] for (uint i = 0; i < Held; i++) \
        { \
            uint c = held_pair(i); \
            bool inside = c < W / 2u; \
            row[i] = inside ? vec2(source[at + c], source[at + c + W / 2u]) : vec2(0.0); \
            weight[i] = inside ? vec2(w[c], w[c + W / 2u]) : vec2(0.0); \
            angle[i] = inside ? vec2(angles[t * W + c], angles[t * W + W / 2u + c]) : vec2(0.0); \
        } \
        float inverse = held_inverse(row); \
        [[unroll]] for (uint i = 0; i < Held; i++) \
        { \
            uint c = held_pair(i); \
            float a = row[i].x * inverse * weight[i].x; \
            float b = row[i].y * inverse * weight[i].y; \
            if (c < W / 2u) \
            { \
                head[c] = a * angle[i].x - b * angle[i].y; \
                head[c + W / 2u] = b * angle[i].x + a * angle[i].y; \
            } \
        } \
    }

#if defined(KV_Q8)
uint steps4(uint at, float inverse)
{
    return packed_bytes(ivec4(clamp(roundEven(vec4(head[at], head[at + 1u], head[at + 2u], head[at + 3u]) * inverse), -127.0, 127.0)));
}

// The head into a row of the cache as kv_append.comp does it: two scales share a uint, and the other may be another workgroup's.
#define STORE(cache, scales, row) \
    for (uint g = gl_LocalInvocationID.x; g < W / 32u; g += gl_WorkGroupSize.x) \
    { \
        uint top = 0u; \
        for (uint i = 0; i < 32u; i++) top = max(top, floatBitsToUint(head[32u * g + i]) & 0x7fffffffu); \
        float exact = uintBitsToFloat(top) * (1.0 / 127.0); \
        uint bits = top >= 0x7f800000u ? 0x7fc0u : exact < 1.17549435e-38 ? 0u : bf16_bits(exact); \
        float inverse = bits == 0u ? 0.0 : 1.0 / bf16_low(bits); \
        uint to = row * (W / 32u) + g; \
        for (uint i = 0; i < 2u; i++) \
        { \
            uint at = 32u * g + 16u * i; \
            cache[2u * to + i] = uvec4(steps4(at, inverse), steps4(at + 4u, inverse), steps4(at + 8u, inverse), steps4(at + 12u, inverse)); \
        } \
        uint scale = to + First * (W / 32u); \
        uint half_ = (scale & 1u) * 16u; \
        atomicAnd(scales[scale >> 1], 0xffff0000u >> half_); \
        atomicOr(scales[scale >> 1], bits << half_); \
    }
#else
#if defined(KV_F16)
#define STORED_AS(pair) f16_pair(pair)
#else
#define STORED_AS(pair) (pair)
#endif
#define STORE(cache, scales, row) \
    for (uint i = gl_LocalInvocationID.x; i < W / 2u; i += gl_WorkGroupSize.x) cache[row * (W / 2u) + i] = STORED_AS(vec2(head[2u * i], head[2u * i + 1u]));
#endif

void main()
{
    uint t = Row0 + gl_WorkGroupID.y;
    uint h = gl_WorkGroupID.x + Skip;

    // 1 Queries go back to where they were.
    if (h < H)
    {
        NORM_AND_TURN(q, (t * H + h) * W, qWeight)
        barrier(); // the head was read by all before it is replaced, and is whole
        for (uint i = gl_LocalInvocationID.x; i < W; i += gl_WorkGroupSize.x) q[(t * H + h) * W + i] = head[i];
        return;
    }

    // 2 Keys and values go into the row of their position, unless it is in another chunk (below First it wraps to a large number).
    uint k = (h - H) % K;
    uint row = k * R + uint(positions[t]) % R - First;
    bool bound = row < Count;
    uint from = (t * K + k) * W;
#ifndef VALUES_ONLY
    if (h < H + K)
    {
        NORM_AND_TURN(key, from, kWeight)
        barrier(); // the head is whole
        if (bound) STORE(keys, keyScales, row)
        return;
    }
#endif
    vec2 pair[Held];
    [[unroll]] for (uint i = 0; i < Held; i++)
    {
        uint c = held_pair(i);
        pair[i] = c < W / 2u ? vec2(raw[from + c], raw[from + c + W / 2u]) : vec2(0.0);
    }

    float inverse = held_inverse(pair);
    [[unroll]] for (uint i = 0; i < Held; i++)
    {
        uint c = held_pair(i);
        if (c >= W / 2u) continue;
        head[c] = pair[i].x * inverse;
        head[c + W / 2u] = pair[i].y * inverse;
    }

    barrier(); // the head is whole
    if (bound) STORE(values, valueScales, row)
}
