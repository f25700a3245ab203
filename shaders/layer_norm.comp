// Layer normalisation of rows. Spec and reference: src/GemmaVk.Kernels/LayerNorm.cs
//
// Bindings        0 x [R, D] float, read    1 inputBias [D] float, read    2 w [D] float, read    3 b [D] float, read
//                 4 y [R, D] float, written; may be x
// Push constants  R rows, D columns, Eps
// Specialization  0 LocalSize: invocations of a workgroup, up to 256    1 HasInputBias: 0 or 1
// Mapping         a workgroup owns one row, an invocation every LocalSize-th column
// Dispatch        R workgroups, folded into y beyond 65535
// Assumptions     none on R and D
// Why             as RmsNorm; the mean goes first, because the square of a bright picture's mean would drown its contrast
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"
#include "reduce.glsl"

layout(constant_id = 1) const uint HasInputBias = 1;
layout(set = 0, binding = 0, std430) readonly buffer X { float x[]; };
layout(set = 0, binding = 1, std430) readonly buffer InputBias { float inputBias[]; };
layout(set = 0, binding = 2, std430) readonly buffer Weight { float w[]; };
layout(set = 0, binding = 3, std430) readonly buffer Bias { float b[]; };
layout(set = 0, binding = 4, std430) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { uint R; uint D; float Eps; };

float z(uint row, uint d) { return x[row + d] + (HasInputBias == 1u ? inputBias[d] : 0.0); }

void main()
{
    uint r = group_index();
    if (r >= R) return;
    uint row = r * D;

    // 1 Mean of the row.
    float sum = 0.0;
    for (uint d = gl_LocalInvocationID.x; d < D; d += gl_WorkGroupSize.x) sum += z(row, d);
    float mean = workgroup_sum(sum) / float(D);

    // 2 Squares of what differs from it.
    sum = 0.0;
    for (uint d = gl_LocalInvocationID.x; d < D; d += gl_WorkGroupSize.x)
    {
        float difference = z(row, d) - mean;
        sum = fma(difference, difference, sum);
    }

    float inverse = 1.0 / sqrt(workgroup_sum(sum) / float(D) + Eps);

    // 3 Scale and shift each column. Every invocation reads only what it writes itself, so y may be x.
    for (uint d = gl_LocalInvocationID.x; d < D; d += gl_WorkGroupSize.x) y[row + d] = (z(row, d) - mean) * inverse * w[d] + b[d];
}
