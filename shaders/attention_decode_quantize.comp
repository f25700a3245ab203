// Attention of one to eight rows, with its INT8 rows. Spec and reference: src/GemmaVk.Kernels/AttentionDecodeQuantize.cs
//
// Bindings, push constants, specialization, assumptions: include/attention_tile.glsl, the body of both attention kernels; 11 out and
//                 12 counters: include/attention_join.glsl; 13 q [., H * W] int8 packed in uint, 14 d and 15 sum [., H * W / 32] float, written
// Specialization  2 EvenOdd: 1 for the order of weights in nibbles
// Mapping         as attention_decode.comp; the workgroup that has a tile's result whole rounds it, an invocation every 128th group of 32
// Dispatch        (Splits, H / Queries, T), once per bound chunk of the cache
// Assumptions     W is a multiple of 32
// Why             the product that follows waits for one dispatch instead of three
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
#include "math.glsl"
layout(constant_id = 2) const uint EvenOdd = 0;
#define RESULT_ACCESS coherent
#include "attention_tile.glsl"
#define OUT_BINDING 11
#define JOINERS 128u
#define COLUMNS_AT_ONCE 1u
#define HEADS_OF_TILE Queries
#include "attention_join.glsl"
#define ROWS_BINDING 13
#include "round_group.glsl"

void main()
{
    uint t = gl_WorkGroupID.z;
    uint h0 = gl_WorkGroupID.y * Queries;
    int low = Window == 0u ? 0 : max(0, positions[Row0 + t] - int(Window) + 1);
    if (!takes_part(gl_WorkGroupID.x, low, reach[Row0 + t], Block)) return;
    attend(t, 0u, h0, 1u, gl_WorkGroupID.x);
    if (!joined(t, h0, t * (H / Queries) + gl_WorkGroupID.y, gl_WorkGroupID.x)) return;
    memoryBarrierBuffer();
    barrier(); // the tile's result is written before invocations read each other's columns

    // 6 Groups of the tile's heads, which are neighbours in the row.
    for (uint g = gl_LocalInvocationID.x; g < Queries * W / 32u; g += 128u)
    {
        uint group = ((Row0 + t) * H + h0) * (W / 32u) + g;
        vec4 a[8];
        [[unroll]] for (uint i = 0; i < 8u; i++) a[i] = Parts == 1u ? result[8u * group + i] : outputs[8u * group + i];
        round_group(group, a);
    }
}
