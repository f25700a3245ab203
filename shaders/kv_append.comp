// Keys and values of this pass into the cache. Spec and reference: src/GemmaVk.Kernels/KvAppend.cs
//
// Bindings        0 key [T, K, W] float, read    1 value [T, K, W] float, read    2 positions [T] int, read
//                 3 KCache [K, R, W] F32 or F16, written    4 VCache likewise, written
// Push constants  T tokens, K KV heads, W head width, R rows per head; First and Count: the rows of [K * R] that are bound
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         an invocation owns two neighbouring columns of one head of one token
// Dispatch        ceil(T * K * W/2 / LocalSize) workgroups, once per bound chunk of the cache
// Assumptions     W is even, so that a pair of F16 values is one aligned uint
// Why             pairs let F16 be written without 16-bit storage
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"
#include "f16.glsl"

layout(set = 0, binding = 0, std430) readonly buffer Key { vec2 key[]; };
layout(set = 0, binding = 1, std430) readonly buffer Value { vec2 value[]; };
layout(set = 0, binding = 2, std430) readonly buffer Positions { int positions[]; };
#ifdef KV_F16
layout(set = 0, binding = 3, std430) writeonly buffer KCache { uint kCache[]; };
layout(set = 0, binding = 4, std430) writeonly buffer VCache { uint vCache[]; };
#define STORED(pair) f16_pair(pair)
#else
layout(set = 0, binding = 3, std430) writeonly buffer KCache { vec2 kCache[]; };
layout(set = 0, binding = 4, std430) writeonly buffer VCache { vec2 vCache[]; };
#define STORED(pair) (pair)
#endif
layout(push_constant) uniform Push { uint T; uint K; uint W; uint R; uint First; uint Count; };

void main()
{
    uint pairs = W / 2u;
    for (uint from = invocation_index(); from < T * K * pairs; from += invocation_count())
    {
        // 1 Token, head and row of the cache.
        uint i = from % pairs;
        uint k = (from / pairs) % K;
        uint t = from / (pairs * K);
        uint row = k * R + uint(positions[t]) % R - First;

        // 2 Store, unless the row is in another chunk (below First it wraps to a large number).
        if (row < Count)
        {
            kCache[row * pairs + i] = STORED(key[from]);
            vCache[row * pairs + i] = STORED(value[from]);
        }
    }
}
