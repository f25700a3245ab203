// Gate and up with their gate, one to eight rows. Spec and reference: src/GemmaVk.Kernels/MatVecGeGlu.cs
//
// Bindings        0 1 data of Gate and Up [F, C], read    2 3 their scales, read    4 x [T, C] float or int8, read
//                 5 d [T, C/32] float, read    6 sum [T, C/32] float, read
//                 7 y [T, F] float, written; with INT8 rows of x int8, and 8 its d, 9 its sum [T, F/32] float, written
// Push constants  N outputs of each matrix, K columns, T rows; EvenOdd: 1 for INT8 rows in the order of weights in nibbles
// Specialization  0 LocalSize, 1 Rows (1, 2, 4 or 8), 2 Cols, 3 Ahead: as in include/mat_rows.glsl
//                 4 Split: 0 or 1, as in include/mat_split.glsl; outputs keep the subgroups of a workgroup busy, so none are shared
// Mapping         a workgroup owns 32 outputs of both matrices for Cols rows of x; its subgroups share them out in tiles of Rows
// Dispatch        x = ceil(T / Cols), y = N / 32
// Assumptions     N and K are multiples of 32; every matrix is bound whole
// Why             32 outputs are a group of the rows that the next product takes, so gate, product and rounding stay in one workgroup: four
//                 dispatches and three trips through memory become one. The sums are those of MatVec, operation by operation
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
#include "math.glsl"
#include "gelu.glsl"
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint Rows = 1;
layout(constant_id = 2) const uint Cols = 1;
layout(constant_id = 3) const uint Ahead = 0;
layout(constant_id = 4) const uint Split = 0;
layout(push_constant) uniform Push { uint N; uint K; uint T; uint EvenOdd; };
const uint First = 0u;
#define WHOLE_TILES
#include "mat_split.glsl"

#define MATRICES 2
#ifdef ACT_I8
#include "mat_group.glsl"
#define ROWS_BINDING 7
#include "round_group.glsl"
#else
#include "weights.glsl"
layout(set = 0, binding = X_BINDING, std430) readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 7, std430) writeonly buffer Y { float y[]; };
#endif

const uint GROUP = 32u;
shared float products[2u * 8u * 32u]; // [matrix][row of x][output]; then gated values in the first half

// 1 Products of this workgroup's outputs with the matrix.
void product(uint t0)
{
    uint groups = K / 32u;
    for (uint own = gl_SubgroupID * Rows; own < GROUP; own += gl_NumSubgroups * Rows)
    {
        uint n0 = gl_WorkGroupID.y * GROUP + own;
#include "mat_sums.glsl"
        [[unroll]] for (uint r = 0; r < Rows; r++)
        {
            [[unroll]] for (uint c = 0; c < Cols; c++)
            {
                float total = subgroupAdd(acc[r][c]);
                if (subgroupElect()) products[(matrix * 8u + c) * GROUP + own + r] = total;
            }
        }
    }
}

void main()
{
    uint t0 = gl_WorkGroupID.x * Cols;
    matrix = 0u;
    product(t0);
    matrix = 1u;
    product(t0);
    barrier(); // all products are there before they are gated

    // 2 The gate.
    for (uint i = gl_LocalInvocationID.x; i < GROUP * Cols; i += gl_WorkGroupSize.x)
    {
        float gated = gelu_tanh(products[i]) * products[8u * GROUP + i];
#ifdef ACT_I8
        products[i] = gated;
#else
        uint t = t0 + i / GROUP;
        if (t < T) y[t * N + gl_WorkGroupID.y * GROUP + i % GROUP] = gated;
#endif
    }

#ifdef ACT_I8
    barrier(); // gated values are there before they are rounded

    // 3 One group of the result for each row of x.
    for (uint c = gl_LocalInvocationID.x; c < Cols && t0 + c < T; c += gl_WorkGroupSize.x)
    {
        vec4 a[8];
        [[unroll]] for (uint i = 0; i < 8u; i++)
        {
            uint at = c * GROUP + 4u * i;
            a[i] = vec4(products[at], products[at + 1u], products[at + 2u], products[at + 3u]);
        }

        round_group((t0 + c) * (N / GROUP) + gl_WorkGroupID.y, a);
    }
#endif
}
