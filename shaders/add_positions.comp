// Learned positions of a picture's patches. Spec and reference: src/GemmaVk.Kernels/AddPositions.cs
//
// Bindings        0 x [Rows * Columns, D] float, read and written    1 table [M, 2, D] bfloat16, two to a word, read
// Push constants  Count: pairs of values of x, Columns of the grid, D columns of a row
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         an invocation owns two neighbouring values at a time: one word of the table
// Dispatch        ceil(Count / LocalSize) workgroups, folded into y beyond 65535
// Assumptions     D is even; Rows and Columns are at most M
// Why             the table is read where it lies; few of its rows are used, by many patches each
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"
#include "bf16.glsl"

layout(set = 0, binding = 0, std430) buffer X { vec2 x[]; };
layout(set = 0, binding = 1, std430) readonly buffer Table { uint table[]; };
layout(push_constant) uniform Push { uint Count; uint Columns; uint D; };

void main()
{
    uint half_row = D / 2u;
    for (uint i = invocation_index(); i < Count; i += invocation_count())
    {
        uint p = i / half_row;
        uint d = i % half_row;
        uint column = table[2u * (p % Columns) * half_row + d];
        uint row = table[(2u * (p / Columns) + 1u) * half_row + d];
        x[i] += vec2(bf16_low(column), bf16_high(column)) + vec2(bf16_low(row), bf16_high(row));
    }
}
