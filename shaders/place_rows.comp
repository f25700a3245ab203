// Rows to another place. Spec and reference: src/GemmaVk.Kernels/PlaceRows.cs
//
// Bindings        0 rows [T, D] float, read    1 x [First / D + T, D] float, written
// Push constants  Count: T * D, First: value of x that the first one goes to
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         an invocation owns one value at a time
// Dispatch        ceil(Count / LocalSize) workgroups, folded into y beyond 65535
// Assumptions     none
// Why             a kernel and not a transfer, so that barriers come from the same rule as for all others
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"

layout(set = 0, binding = 0, std430) readonly buffer Rows { float rows[]; };
layout(set = 0, binding = 1, std430) writeonly buffer X { float x[]; };
layout(push_constant) uniform Push { uint Count; uint First; };

void main()
{
    for (uint i = invocation_index(); i < Count; i += invocation_count()) x[First + i] = rows[i];
}
