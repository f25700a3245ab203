// Joins the parts of a row's attention where a cache lies in several pieces. Second stage of AttentionPrefill, whose spec and reference are
// src/GemmaVk.Kernels/AttentionPrefill.cs
//
// Bindings        0 parts: sums [Rows, Parts, W], then maximum and sum of weights [Rows, Parts, 2] float, read
//                 1 out [Rows, W] float, written
// Push constants  Rows: T * H; W head width; Parts; Row0: row of out, in heads, where they go
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         a workgroup owns LocalSize columns of one head of one row, an invocation one of them
// Dispatch        Rows * ceil(W / LocalSize) workgroups, folded into y beyond 65535
// Assumptions     none
// Why             parts are added in the order of their numbers, so the result is the same on every run
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"
#include "math.glsl"

layout(set = 0, binding = 0, std430) readonly buffer Partial { float parts[]; };
layout(set = 0, binding = 1, std430) writeonly buffer Out { float outputs[]; };
layout(push_constant) uniform Push { uint Rows; uint W; uint Parts; uint Row0; };

void main()
{
    uint spans = (W + gl_WorkGroupSize.x - 1u) / gl_WorkGroupSize.x;
    uint r = group_index() / spans;
    uint c = group_index() % spans * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (r >= Rows || c >= W) return;
    uint tail = Rows * Parts * W + r * Parts * 2u;

    // 1 The largest of the parts' maxima.
    float m = LOWEST;
    for (uint p = 0; p < Parts; p++) m = max(m, parts[tail + 2u * p]);

    // 2 Sums of all parts on its scale. A part that saw nothing has weight zero.
    float total = 0.0;
    float sum = 0.0;
    for (uint p = 0; p < Parts; p++)
    {
        float weight = exp_exact(parts[tail + 2u * p] - m);
        total = fma(weight, parts[tail + 2u * p + 1u], total);
        sum = fma(weight, parts[(r * Parts + p) * W + c], sum);
    }

    outputs[(Row0 + r) * W + c] = total == 0.0 ? 0.0 : sum / total;
}
