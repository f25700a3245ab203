// The seam between half layers, with its INT8 rows. Spec and reference: src/GemmaVk.Kernels/AddRmsNormQuantize.cs
//
// Bindings        0 x [T, D] float, read and written    1 y [T, D] float, read    2 postWeight [D] float, read
//                 3 nextWeight [D] float, read    4 a [T, D] float, written and read; may be y
//                 5 q [T, D] int8 packed in uint, written    6 d [T, D/32] float, written    7 sum [T, D/32] float, written
// Push constants  T rows, D columns, Eps, LayerScale
// Specialization  0 LocalSize: invocations of a workgroup, up to 256    1 Held: vectors of four columns that an invocation holds, or 0
//                 2 EvenOdd: 1 for the order of weights in nibbles
// Mapping         a workgroup owns one row: an invocation every LocalSize-th vector of four columns. With Held 0 every LocalSize-th column, then every
//                 LocalSize-th group of 32
// Dispatch        T workgroups, folded into y beyond 65535
// Assumptions     D is a multiple of 32, with Held at most 4096 and at most LocalSize * Held * 4
// Why             the row is in registers when it is rounded, and the product that follows waits for one dispatch less
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
layout(constant_id = 2) const uint EvenOdd = 0;
#define HELD_ID 1
#define NORMED_ACCESS coherent
#include "add_rms_norm.glsl"
#define ROWS_BINDING 5
#include "round_group.glsl"
#include "round_held.glsl"

void main()
{
    uint t = group_index();
    if (t >= T) return;
    if (Held > 0u)
    {
        vec4 normed[HELD];
        add_rms_norm_held(t, normed);
        round_held(t, normed);
        return;
    }

    add_rms_norm_wide(t);
    memoryBarrierBuffer();
    barrier(); // a is written before invocations read each other's columns

    // 4 Groups of the row.
    uint groups = D / 32u;
    for (uint g = gl_LocalInvocationID.x; g < groups; g += gl_WorkGroupSize.x)
    {
        vec4 group[8];
        [[unroll]] for (uint i = 0; i < 8u; i++) group[i] = a[8u * (t * groups + g) + i];
        round_group(t * groups + g, group);
    }
}
