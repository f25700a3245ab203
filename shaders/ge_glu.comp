// gelu(gate) * up, tanh form. Spec and reference: src/GemmaVk.Kernels/GeGlu.cs
//
// Bindings        0 gate [T, F] float, read    1 up [T, F] float, read    2 y [T, F] float, written; may be gate or up
// Push constants  Count: T * F
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         an invocation owns one element at a time
// Dispatch        ceil(Count / LocalSize) workgroups, folded into y beyond 65535
// Assumptions     none
// Why             include/gelu.glsl says how the gate is computed
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"
#include "math.glsl"
#include "gelu.glsl"

layout(set = 0, binding = 0, std430) readonly buffer Gate { float gate[]; };
layout(set = 0, binding = 1, std430) readonly buffer Up { float up[]; };
layout(set = 0, binding = 2, std430) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { uint Count; };

void main()
{
    for (uint i = invocation_index(); i < Count; i += invocation_count())
    {
        y[i] = gelu_tanh(gate[i]) * up[i];
    }
}
