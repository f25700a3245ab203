// Looks up token rows and scales them. Spec and reference: src/GemmaVk.Kernels/Embed.cs
//
// Bindings        0 ids [Row0 + T] int, read    1 table data [N, K], read    2 table scales, read    3 x [T, D] float, written
// Push constants  T tokens, D columns, First and Count: the table rows that are bound, EmbedScale; Row0 first row of ids
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         a workgroup copies one token's row; an invocation decodes eight columns at a time
// Dispatch        T workgroups, once per bound chunk of the table
// Assumptions     D is a multiple of 32; every id lies in exactly one chunk
// Why             the table is larger than one binding may be, so each dispatch serves the ids of its chunk
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"
#define DATA_BINDING 1
#define SCALE_BINDING 2
#include "weights.glsl"

layout(set = 0, binding = 0, std430) readonly buffer Ids { int ids[]; };
layout(set = 0, binding = 3, std430) writeonly buffer X { vec4 x[]; };
layout(push_constant) uniform Push { uint T; uint D; uint First; uint Count; float EmbedScale; uint Row0; };

void main()
{
    // 1 Which row, and is it bound here? A negative id is a large unsigned number and belongs to no chunk.
    uint t = group_index();
    if (t >= T) return;
    int id = ids[Row0 + t];
    uint n = uint(id) - First;
    if (id < 0 || n >= Count) return;

    // 2 x[t, d] = E[ids[t], d] * scale, rounded once per product as the reference rounds.
    for (uint c8 = gl_LocalInvocationID.x; c8 < D / 8u; c8 += gl_WorkGroupSize.x)
    {
        vec4 a, b;
        weights8(n, c8, D, a, b);
        float group = group_scale(n, c8 / 4u, D);
        precise vec4 rowA = a * group;
        precise vec4 rowB = b * group;
        precise vec4 scaledA = rowA * EmbedScale;
        precise vec4 scaledB = rowB * EmbedScale;
        x[t * (D / 4u) + 2u * c8] = scaledA;
        x[t * (D / 4u) + 2u * c8 + 1u] = scaledB;
    }
}
