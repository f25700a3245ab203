// cap * tanh(x / cap). Spec and reference: src/GemmaVk.Kernels/SoftCap.cs
//
// Bindings        0 x [Count] float, read    1 y [Count] float, written; may be x
// Push constants  Count elements, Cap
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         an invocation owns four neighbouring elements at a time
// Dispatch        ceil(Count / 4 / LocalSize) workgroups, folded into y beyond 65535
// Assumptions     none
// Why             the built-in tanh overflows on some drivers; minus infinity must give -cap. Four elements are one trip to memory
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"
#include "math.glsl"

layout(set = 0, binding = 0, std430) readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1, std430) writeonly buffer Y { vec4 y[]; };
layout(push_constant) uniform Push { uint Count; float Cap; };

void main()
{
    for (uint i = invocation_index(); i < (Count + 3u) / 4u; i += invocation_count())
    {
        vec4 scaled = x[i] / Cap;
        vec4 capped = Cap * vec4(tanh_exact(scaled.x), tanh_exact(scaled.y), tanh_exact(scaled.z), tanh_exact(scaled.w));
        if (4u * i + 3u < Count) y[i] = capped;
        else for (uint n = 0; 4u * i + n < Count; n++) y[i][n] = capped[n];
    }
}
