// Rounds activation rows to INT8 in groups of 32. Spec and reference: src/GemmaVk.Kernels/QuantizeRows.cs
//
// Bindings        0 x [T, K] float, read    1 q [T, K] int8 packed in uint, written    2 d [T, K/32] float, written
//                 3 sum [T, K/32] float, written
// Push constants  Groups: T * K / 32
// Specialization  0 LocalSize: invocations of a workgroup, up to 256    1 EvenOdd: 1 for the order of INT4 weights
// Mapping         an invocation owns a group of 32 columns
// Dispatch        ceil(Groups / LocalSize) workgroups, folded into y beyond 65535
// Assumptions     K is a multiple of 32
// Why             no reduction crosses invocations, and a group is one cache line in and a quarter out
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"

layout(constant_id = 1) const uint EvenOdd = 0;
layout(set = 0, binding = 0, std430) readonly buffer X { vec4 x[]; };
#define ROWS_BINDING 1
#include "round_group.glsl"
layout(push_constant) uniform Push { uint Groups; };

void main()
{
    for (uint g = invocation_index(); g < Groups; g += invocation_count())
    {
        vec4 a[8];
        [[unroll]] for (uint i = 0; i < 8u; i++) a[i] = x[8u * g + i];
        round_group(g, a);
    }
}
