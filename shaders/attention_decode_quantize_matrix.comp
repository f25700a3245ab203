// Attention of one to eight rows on the device's matrix units, with its INT8 rows. Spec and reference: src/GemmaVk.Kernels/AttentionDecodeQuantize.cs
//
// Bindings, push constants, specialization, assumptions: include/attention_rows_matrix.glsl; 13 q [., H * W] int8 packed in uint, 14 d and
//                 15 sum [., H * W / 32] float, written
// Specialization  10 EvenOdd: 1 for the order of weights in nibbles
// Mapping         as attention_decode_matrix.comp; the workgroup that has a tile's result whole rounds it, an invocation some groups of 32
// Dispatch        (ceil(T / rows), H / Heads, Splits), once per bound chunk of the cache
// Why             the product that follows waits for one dispatch instead of three
#version 450
#extension GL_GOOGLE_include_directive : require
#pragma use_vulkan_memory_model
#include "types.glsl"
#include "math.glsl"
layout(constant_id = 10) const uint EvenOdd = 0;
#include "attention_rows_matrix.glsl"
#define ROWS_BINDING 13
#include "round_group.glsl"

void main()
{
    uint t0 = gl_WorkGroupID.x * TileRows;
    uint h0 = gl_WorkGroupID.y * Heads;
    if (!attended(t0, h0, gl_WorkGroupID.x * gl_NumWorkGroups.y + gl_WorkGroupID.y, gl_WorkGroupID.z)) return;
    memoryBarrierBuffer();
    barrier(); // the tile's result is written before invocations read each other's columns

    // 6 Groups of the tile's heads.
    for (uint at = gl_LocalInvocationID.x; at < Queries * (Width / 32u); at += Invocations)
    {
        uint head = head_of(t0, h0, at / (Width / 32u));
        if (head >= T * H) continue;
        uint group = (Row0 * H + head) * (Width / 32u) + at % (Width / 32u);
        vec4 a[8];
        [[unroll]] for (uint i = 0; i < 8u; i++) a[i] = outputs[8u * group + i];
        round_group(group, a);
    }
}
