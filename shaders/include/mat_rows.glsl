// Body of MatVec and MatMul: a tile of ROWS weight rows times COLS activation rows, owned by one subgroup.
//
// Bindings        0 weights' data [N, K], read    1 weights' scales, read    2 x [., K] float or int8, read
//                 3 d [., K/32] float, read    4 sum [., K/32] float, read    5 y [T, OutStride] float, written
// Push constants  N weight rows bound, K columns, T rows of x, First row of x, OutStride outputs per row of y,
//                 OutFirst output of the first bound weight row
// Specialization  0 LocalSize: a multiple of the subgroup size, up to 256    1 Rows: weight rows of a tile, 1 to 8
//                 2 Cols: activation rows of a tile, 1 to 8    3 Ahead, of MatVec alone: 0 to 4, as in include/mat_sums.glsl
//                 4 Split, of MatVec alone: 0, 1, 2 or 4, as in include/mat_split.glsl; LocalSize is at least Split subgroups
// Mapping         a subgroup owns a tile, or Split of them share it, which meet in shared memory; the lanes of one stride over K by one group of
//                 32 columns (float rows on GPUs: eight) and meet in one subgroupAdd
// Dispatch        x = ceil(T / Cols); y = ceil(N / (Rows * tiles per workgroup)), fewer are right too: workgroups stride
// Assumptions     K is a multiple of 32
// Why             a tile of one subgroup needs no shared memory and no barrier; a weight is read once for Cols rows of x, and x once for Rows weights.
//                 Workgroups of the same weight rows lie next to each other (x first), so caches serve them once.
//                 Every sum is written as fma and marked precise: a row gets the same bits for every Cols, T and place.
#include "mat_interface.glsl"
#include "mat_split.glsl"

#ifdef ACT_I8
#include "mat_group.glsl"
#else
#define DATA_BINDING 0
#define SCALE_BINDING 1
#include "weights.glsl"
layout(set = 0, binding = 2, std430) readonly buffer X { vec4 x[]; };
#endif

void main()
{
    uint groups = K / 32u;
    uint t0 = gl_WorkGroupID.x * Cols;
    uint stride = gl_NumWorkGroups.y * tile_count() * Rows;
    uint beside = Shares == 1u ? 0u : tile_index() * Rows; // where subgroups wait for each other, all of a workgroup take as many turns
    for (uint n0 = (gl_WorkGroupID.y * tile_count() + tile_index()) * Rows; n0 - beside < N; n0 += stride)
    {
        // 1 Partial sums of a lane's columns. Rows beyond the edge repeat the last one and are not stored.
#include "mat_sums.glsl"

        // 2 Lanes meet; the first one stores.
        [[unroll]] for (uint r = 0; r < Rows; r++)
        {
            [[unroll]] for (uint c = 0; c < Cols; c++)
            {
                float total = subgroupAdd(acc[r][c]);
                if (share == 0u && subgroupElect() && n0 + r < N && t0 + c < T) y[(t0 + c) * OutStride + OutFirst + n0 + r] = total;
            }
        }
    }
}
