// Root-mean-square normalisation of rows. Spec and reference: src/GemmaVk.Kernels/RmsNorm.cs
//
// Bindings        0 x [R, D] float, read    1 w [D] float, read    2 y [R, D] float, written; may be x
// Push constants  R rows, D columns, Eps
// Specialization  0 LocalSize: invocations of a workgroup, up to 256    1 Held: vectors of four columns that an invocation holds, or 0
//                 2 HasWeight: 0 or 1
// Mapping         a workgroup owns one row; an invocation every LocalSize-th vector of four columns, or with Held 0 every LocalSize-th column
// Dispatch        R workgroups, folded into y beyond 65535
// Assumptions     none on R and D with Held 0; else D is a multiple of 4, and at most LocalSize * Held * 4
// Why             a decoding pass has few rows, so all invocations share one; wide rows want 256 invocations, heads 64. A row in registers is read once,
//                 and its weight with it
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#define HELD_ID 1
#include "held_row.glsl"

layout(constant_id = 2) const uint HasWeight = 1;
layout(set = 0, binding = 0, std430) readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1, std430) readonly buffer Weight { vec4 w[]; };
layout(set = 0, binding = 2, std430) writeonly buffer Y { vec4 y[]; };
layout(push_constant) uniform Push { uint R; uint D; float Eps; };

void held(uint r)
{
    uint vectors = D / 4u;
    vec4 row[HELD], weight[HELD];
    [[unroll]] for (uint i = 0; i < HELD; i++)
    {
        uint c = held_column(i);
        row[i] = c < vectors ? x[r * vectors + c] : vec4(0.0);
        weight[i] = HasWeight == 1u && c < vectors ? w[c] : vec4(1.0);
    }

    // 1 Sum of squares of the row.
    float inverse = 1.0 / sqrt(held_squares(row) / float(D) + Eps);

    // 2 Scale each column.
    [[unroll]] for (uint i = 0; i < HELD; i++)
    {
        uint c = held_column(i);
        if (c < vectors) y[r * vectors + c] = row[i] * inverse * weight[i];
    }
}

void wide(uint r)
{
    uint row = r * D;

    // 1 Sum of squares of the row.
    float sum = 0.0;
    for (uint d = row + gl_LocalInvocationID.x; d < row + D; d += gl_WorkGroupSize.x) sum = fma(x[d / 4u][d % 4u], x[d / 4u][d % 4u], sum);
    sum = workgroup_sum(sum);

    // 2 Scale each column. Every invocation reads only what it writes itself, so y may be x.
    float inverse = 1.0 / sqrt(sum / float(D) + Eps);
    for (uint d = gl_LocalInvocationID.x; d < D; d += gl_WorkGroupSize.x)
    {
        uint at = row + d;
        y[at / 4u][at % 4u] = x[at / 4u][at % 4u] * inverse * (HasWeight == 1u ? w[d / 4u][d % 4u] : 1.0);
    }
}

void main()
{
    uint r = group_index();
    if (r >= R) return;
    if (Held == 0u) wide(r);
    else held(r);
}
