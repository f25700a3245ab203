// Queries, keys and values of one to eight rows. Spec and reference: src/GemmaVk.Kernels/MatVecQkv.cs
//
// Bindings        0 1 2 data of Q, K, V [N, C], read    3 4 5 their scales, read    6 x [T, C] float or int8, read
//                 7 d [T, C/32] float, read    8 sum [T, C/32] float, read    9 10 11 q, k, v [T, N] float, written
// Push constants  K columns, T rows; outputs of each matrix; first workgroup in y of K's and of V's rows
// Specialization  0 LocalSize, 1 Rows, 2 Cols, 3 Ahead, 4 Split: as in include/mat_rows.glsl
// Mapping         a workgroup owns rows of one matrix; a subgroup owns a tile of them, or Split do, as in include/mat_rows.glsl
// Dispatch        x = ceil(T / Cols); y = the workgroups of Q, then of K, then of V, each ceil(N / (Rows * tiles per workgroup))
// Assumptions     K is a multiple of 32; every matrix is bound whole
// Why             keys and values alone do not fill a device, and each dispatch costs a wait: one has the work of three. The sums are those of
//                 MatVec, operation by operation, so the bits are the same
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint Rows = 1;
layout(constant_id = 2) const uint Cols = 1;
layout(constant_id = 3) const uint Ahead = 0;
layout(constant_id = 4) const uint Split = 0;
layout(push_constant) uniform Push { uint K; uint T; uint QN; uint KN; uint VN; uint KStart; uint VStart; };
const uint First = 0u;
#include "mat_split.glsl"

#define MATRICES 3
#ifdef ACT_I8
#include "mat_group.glsl"
#else
#include "weights.glsl"
layout(set = 0, binding = X_BINDING, std430) readonly buffer X { vec4 x[]; };
#endif
layout(set = 0, binding = 9, std430) writeonly buffer QRows { float q[]; };
layout(set = 0, binding = 10, std430) writeonly buffer KRows { float k[]; };
layout(set = 0, binding = 11, std430) writeonly buffer VRows { float v[]; };

// The tile of this subgroup in a workgroup, counted from the first of a matrix with N rows.
void product(uint workgroup, uint N)
{
    uint groups = K / 32u;
    uint t0 = gl_WorkGroupID.x * Cols;
    uint n0 = (workgroup * tile_count() + tile_index()) * Rows;
    if (Shares > 1u || n0 < N) // subgroups that wait for each other all come along
    {
        // 1 Partial sums of a lane's columns.
#include "mat_sums.glsl"

        // 2 Lanes meet; the first one stores.
        [[unroll]] for (uint r = 0; r < Rows; r++)
        {
            [[unroll]] for (uint c = 0; c < Cols; c++)
            {
                float total = subgroupAdd(acc[r][c]);
                if (share == 0u && subgroupElect() && n0 + r < N && t0 + c < T)
                {
                    uint at = (t0 + c) * N + n0 + r;
                    if (matrix == 0u) q[at] = total;
                    else if (matrix == 1u) k[at] = total;
                    else v[at] = total;
                }
            }
        }
    }
}

void main()
{
    if (gl_WorkGroupID.y < KStart)
    {
        matrix = 0u;
        product(gl_WorkGroupID.y, QN);
    }
    else if (gl_WorkGroupID.y < VStart)
    {
        matrix = 1u;
        product(gl_WorkGroupID.y - KStart, KN);
    }
    else
    {
        matrix = 2u;
        product(gl_WorkGroupID.y - VStart, VN);
    }
}
