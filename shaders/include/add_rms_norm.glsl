// Body of AddRmsNorm and of what is fused with it: a workgroup owns one row. Include after the local size is declared.
// Bindings 0 to 4 and push constants: add_rms_norm.comp. NORMED_ACCESS: how a is used, writeonly where it is not read again.
#include "indexing.glsl"
#include "reduce.glsl"

layout(set = 0, binding = 0, std430) buffer X { float x[]; };
layout(set = 0, binding = 1, std430) readonly buffer Y { float y[]; };
layout(set = 0, binding = 2, std430) readonly buffer PostWeight { float postWeight[]; };
layout(set = 0, binding = 3, std430) readonly buffer NextWeight { float nextWeight[]; };
layout(set = 0, binding = 4, std430) NORMED_ACCESS buffer A { float a[]; };
layout(push_constant) uniform Push { uint T; uint D; float Eps; float LayerScale; };

// Row t; all invocations of the workgroup must call it.
void add_rms_norm(uint t)
{
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
