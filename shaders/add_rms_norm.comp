// Post-norm, residual, layer scalar and the next norm. Spec and reference: src/GemmaVk.Kernels/AddRmsNorm.cs
//
// Bindings        0 x [T, D] float, read and written    1 y [T, D] float, read    2 postWeight [D] float, read
//                 3 nextWeight [D] float, read    4 a [T, D] float, written; may be y
// Push constants  T rows, D columns, Eps, LayerScale
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         a workgroup owns one row, an invocation every LocalSize-th column
// Dispatch        T workgroups, folded into y beyond 65535
// Assumptions     none on T and D
// Why             two norms and a sum in one dispatch: four launches and three trips through memory become one
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"
#include "reduce.glsl"

layout(set = 0, binding = 0, std430) buffer X { float x[]; };
layout(set = 0, binding = 1, std430) readonly buffer Y { float y[]; };
layout(set = 0, binding = 2, std430) readonly buffer PostWeight { float postWeight[]; };
layout(set = 0, binding = 3, std430) readonly buffer NextWeight { float nextWeight[]; };
layout(set = 0, binding = 4, std430) writeonly buffer A { float a[]; };
layout(push_constant) uniform Push { uint T; uint D; float Eps; float LayerScale; };

void main()
{
    uint t = group_index();
    if (t >= T) return;
    uint row = t * D;

    // 1 RmsNorm(y, postWeight): its sum of squares.
    float sum = 0.0;
    for (uint d = gl_LocalInvocationID.x; d < D; d += gl_WorkGroupSize.x) sum = fma(y[row + d], y[row + d], sum);
    float inverse = 1.0 / sqrt(workgroup_sum(sum) / float(D) + Eps);

    // 2 x = (x + normed) * scale, and the sum of squares of the new x.
    sum = 0.0;
    for (uint d = gl_LocalInvocationID.x; d < D; d += gl_WorkGroupSize.x)
    {
        float next = (x[row + d] + y[row + d] * inverse * postWeight[d]) * LayerScale;
        x[row + d] = next;
        sum = fma(next, next, sum);
    }

    inverse = 1.0 / sqrt(workgroup_sum(sum) / float(D) + Eps);

    // 3 a = RmsNorm(x, nextWeight). Each invocation reads back only columns it wrote.
    for (uint d = gl_LocalInvocationID.x; d < D; d += gl_WorkGroupSize.x) a[row + d] = x[row + d] * inverse * nextWeight[d];
}
