// Logits of ids that a mask does not allow to minus infinity: a stage of Sample. Spec and reference: src/GemmaVk.Kernels/Sample.cs
//
// Bindings        0 logits [T, V] float, written    1 allowed [T, ceil(V / 32)] uint, read: bit i mod 32 of word i / 32 for id i
// Push constants  T rows, V vocabulary, Row0 first row of logits and allowed
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         an invocation owns one logit
// Dispatch        ceil(T * V / LocalSize) workgroups, before sample
// Assumptions     none
// Why             neighbours read the same word and write side by side; only what is not allowed is written
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"

layout(set = 0, binding = 0, std430) writeonly buffer Logits { float logits[]; };
layout(set = 0, binding = 1, std430) readonly buffer Allowed { uint allowed[]; };
layout(push_constant) uniform Push { uint T; uint V; uint Row0; };

void main()
{
    uint words = (V + 31u) / 32u;
    for (uint i = invocation_index(); i < T * V; i += invocation_count())
    {
        uint row = Row0 + i / V;
        uint id = i % V;
        if ((allowed[row * words + id / 32u] >> (id % 32u) & 1u) == 0u) logits[row * V + id] = minus_infinity();
    }
}
