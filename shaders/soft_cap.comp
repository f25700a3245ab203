// cap * tanh(x / cap). Spec and reference: src/GemmaVk.Kernels/SoftCap.cs
//
// Bindings        0 x [Count] float, read    1 y [Count] float, written; may be x
// Push constants  Count elements, Cap
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         an invocation owns one element at a time
// Dispatch        ceil(Count / LocalSize) workgroups, folded into y beyond 65535
// Assumptions     none
// Why             the built-in tanh overflows on some drivers; minus infinity must give -cap
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"
#include "math.glsl"

layout(set = 0, binding = 0, std430) readonly buffer X { float x[]; };
layout(set = 0, binding = 1, std430) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { uint Count; float Cap; };

void main()
{
    for (uint i = invocation_index(); i < Count; i += invocation_count()) y[i] = Cap * tanh_exact(x[i] / Cap);
}
