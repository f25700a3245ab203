// A picture's bytes as rows of patches. Spec and reference: src/GemmaVk.Kernels/CutPatches.cs
//
// Bindings        0 pixels [Rows * S, Columns * S, 3] bytes, four to a word, read    1 levels [256] float, read
//                 2 y [Rows * Columns, S * S * 3] float, written
// Push constants  Count: values of all patches, Columns of the grid, S pixels of a patch's side
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         an invocation owns one value at a time
// Dispatch        ceil(Count / LocalSize) workgroups, folded into y beyond 65535
// Assumptions     Count is a multiple of 4
// Why             neighbours read neighbouring bytes of one line of the picture; there is nothing to compute
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"

layout(set = 0, binding = 0, std430) readonly buffer Pixels { uint pixels[]; };
layout(set = 0, binding = 1, std430) readonly buffer Levels { float levels[]; };
layout(set = 0, binding = 2, std430) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { uint Count; uint Columns; uint S; };

void main()
{
    uint line = S * 3u;
    for (uint i = invocation_index(); i < Count; i += invocation_count())
    {
        // 1 Patch, line of the patch, byte of the line.
        uint p = i / (S * line);
        uint r = i / line % S;
        uint b = i % line;

        // 2 The byte in the picture, and its level.
        uint at = ((p / Columns * S + r) * Columns + p % Columns) * line + b;
        y[i] = levels[pixels[at >> 2] >> 8u * (at & 3u) & 255u];
    }
}
