// Root-mean-square normalisation of rows. Spec and reference: src/GemmaVk.Kernels/RmsNorm.cs
//
// Bindings        0 x [R, D] float, read    1 w [D] float, read    2 y [R, D] float, written; may be x
// Push constants  R rows, D columns, Eps
// Specialization  0 LocalSize: invocations of a workgroup, up to 256    1 HasWeight: 0 or 1
// Mapping         a workgroup owns one row, an invocation every LocalSize-th column
// Dispatch        R workgroups, folded into y beyond 65535
// Assumptions     none on R and D
// Why             a decoding pass has few rows, so all invocations share one; wide rows want 256 invocations, heads 64
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"
#include "reduce.glsl"

layout(constant_id = 1) const uint HasWeight = 1;
layout(set = 0, binding = 0, std430) readonly buffer X { float x[]; };
layout(set = 0, binding = 1, std430) readonly buffer Weight { float w[]; };
layout(set = 0, binding = 2, std430) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { uint R; uint D; float Eps; };

void main()
{
    uint r = group_index();
    if (r >= R) return;
    uint row = r * D;

    // 1 Sum of squares of the row.
    float sum = 0.0;
    for (uint d = gl_LocalInvocationID.x; d < D; d += gl_WorkGroupSize.x) sum = fma(x[row + d], x[row + d], sum);
    sum = workgroup_sum(sum);

    // 2 Scale each column. Every invocation reads only what it writes itself, so y may be x.
    float inverse = 1.0 / sqrt(sum / float(D) + Eps);
    for (uint d = gl_LocalInvocationID.x; d < D; d += gl_WorkGroupSize.x)
    {
        y[row + d] = x[row + d] * inverse * (HasWeight == 1u ? w[d] : 1.0);
    }
}
