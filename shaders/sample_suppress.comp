// Suppressed logits to minus infinity: first stage of Sample. Spec and reference: src/GemmaVk.Kernels/Sample.cs
//
// Bindings        0 logits [T, V] float, written    1 suppress [S] int, read
// Push constants  T rows, V vocabulary, S suppressed ids, Row0 first row of logits
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         an invocation owns one suppressed id of one row
// Dispatch        ceil(T * S / LocalSize) workgroups
// Assumptions     ids are in [0, V); others are ignored
// Why             a stage of its own, so that the sampling stage may read logits without waiting for its own writes
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"

layout(set = 0, binding = 0, std430) writeonly buffer Logits { float logits[]; };
layout(set = 0, binding = 1, std430) readonly buffer Suppress { int suppress[]; };
layout(push_constant) uniform Push { uint T; uint V; uint S; uint Row0; };

void main()
{
    for (uint i = invocation_index(); i < T * S; i += invocation_count())
    {
        uint id = uint(suppress[i % S]);
        if (id < V) logits[(Row0 + i / S) * V + id] = minus_infinity();
    }
}
