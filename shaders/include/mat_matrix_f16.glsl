// Body of MatMul on matrix units in halves: F16 x F16 -> F32. What rows and weights become stands in mat_halves_i8.glsl for INT8 rows
// (ACT_I8) and in mat_halves_f32.glsl for float rows.
//
// Bindings        and the rest: include/mat_matrix.glsl
// Assumptions     the device computes in halves; y is at a multiple of 16 bytes
// Why             of groups that are read singly (Deep is 1) two tiles lie in shared memory, so that the next is written while the last is read. Units take nothing but halves, so all that a number is multiplied by is in it before: no work is left per group. A row is multiplied by the power
//                 of two that brings its largest number near the top of F16, weights by one that keeps small ones out of its
//                 subnormals, and sums are divided by both at the end. A subgroup of 64 x 64 reads shared memory for less time than
//                 its units compute. A row of a tile is an odd number of vectors, so that eight rows lie in all banks.
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#include "mat_matrix.glsl"
const uint Tiles = Deep == 1u ? 2u : 1u;
const uint Steps = Deep * (32u / BlockK);
const uint Stride = 4u * Deep + 1u;  // vectors of eight halves of a weight row

shared float power[TileT];  // what a row is multiplied by, and what its sums are
shared float back[TileT];

#ifdef ACT_I8
#include "mat_halves_i8.glsl"
#else
#include "mat_halves_f32.glsl"
#endif

// Rows whose largest numbers are looked for at once: their loads are on their way together.
const uint Together = 8u;

// The power of two of a row, and its inverse, by the exponent of its largest number. Infinity and NaN stay what they are.
void keep_power(uint row, uint exponent)
{
    uint of = RaiseTo - clamp(exponent, RaiseTo - 253u, 254u);
    power[row] = uintBitsToFloat(of << 23);
    back[row] = uintBitsToFloat((254u - of) << 23) / Raise;
}

void main()
{
    uint t0 = gl_WorkGroupID.x * TileT;
    uint blockN = (gl_SubgroupID % Across) * Rows * BlockN;
    uint blockT = (gl_SubgroupID / Across) * Cols * BlockT;

    // 1 How large the rows are.
    for (uint row = gl_SubgroupID * Together; row < TileT; row += gl_NumSubgroups * Together)
    {
        uint most[Together];
        [[unroll]] for (uint i = 0; i < Together; i++) most[i] = 0u;
        for (uint c = gl_SubgroupInvocationID; c < K / TopColumns; c += gl_SubgroupSize)
        {
            [[unroll]] for (uint i = 0; i < Together; i++) most[i] = max(most[i], top_of(First + min(t0 + row + i, T - 1u), c));
        }

        [[unroll]] for (uint i = 0; i < Together; i++)
        {
            uint top = subgroupMax(most[i]);
            if (subgroupElect() && row + i < TileT) keep_power(row + i, top >> 23);
        }
    }

    barrier(); // powers are written

    for (uint n0 = gl_WorkGroupID.y * TileN; n0 < N; n0 += gl_NumWorkGroups.y * TileN)
    {
        SUMS acc[Rows * Cols];
        [[unroll]] for (uint i = 0; i < Rows * Cols; i++) acc[i] = SUMS(0.0);
        fetch(n0, t0, 0u);
        place(n0, 0u, 0u);
        barrier(); // the first tile is written

        uint tile = 0u;
        [[dont_unroll]] for (uint g = 0u; g < K / 32u; g += Deep)
        {
            // 2 The next columns are on their way while the products run.
            bool more = g + Deep < K / 32u;
            if (more) fetch(n0, t0, g + Deep);

            // 3 Products of the tile in shared memory. Whether this loop is unrolled is left to the driver: software ones compile for long.
            for (uint j = 0; j < Steps; j++)
            {
                uint column = j * (BlockK / 8u);
                coopmat<float16_t, gl_ScopeSubgroup, BlockK, BlockN, gl_MatrixUseB> b[Rows];
                [[unroll]] for (uint r = 0; r < Rows; r++)
                    coopMatLoad(b[r], wTile, (tile * TileN + blockN + r * BlockN) * Stride + column, Stride, gl_CooperativeMatrixLayoutColumnMajor);
                [[unroll]] for (uint c = 0; c < Cols; c++)
                {
                    uint from = (tile * TileT + blockT + c * BlockT) * RowStride + column;
                    coopmat<float16_t, gl_ScopeSubgroup, BlockT, BlockK, gl_MatrixUseA> a;
                    coopMatLoad(a, xTile, from, RowStride, gl_CooperativeMatrixLayoutRowMajor);
#ifdef ACT_I8
                    [[unroll]] for (uint r = 0; r < Rows; r++) acc[r * Cols + c] = coopMatMulAdd(a, b[r], acc[r * Cols + c]);
#else
                    coopmat<float16_t, gl_ScopeSubgroup, BlockT, BlockK, gl_MatrixUseA> low;
                    coopMatLoad(low, xTile, from + 4u * Deep, RowStride, gl_CooperativeMatrixLayoutRowMajor);
                    [[unroll]] for (uint r = 0; r < Rows; r++)
                        acc[r * Cols + c] = coopMatMulAdd(a, b[r], coopMatMulAdd(low, b[r], acc[r * Cols + c]));
#endif
                }
            }

            // 4 What was read goes to shared memory.
            if (Tiles == 1u) barrier(); // products read the tile
            tile = (tile + 1u) % Tiles;
            if (more) place(n0, g + Deep, tile);
            barrier(); // the tile is written, and the other one is read
        }

        // 5 Whole blocks to memory at once; those at an edge through the subgroup's own part of shared memory. All subgroups of a tile pass the same
        // barriers, whole blocks or not: some drivers lose those that not all come by.
        bool aligned = ((OutStride | OutFirst) & 3u) == 0u;
        bool inside = aligned && n0 + TileN <= N && t0 + TileT <= T;
        uint stage = gl_SubgroupID * BlockT * BlockN;
        [[unroll]] for (uint c = 0; c < Cols; c++)
        {
            uint row = blockT + c * BlockT;
            SUMS unit;
            coopMatLoad(unit, back, row, 0u, gl_CooperativeMatrixLayoutColumnMajor);
            [[unroll]] for (uint r = 0; r < Rows; r++)
            {
                SUMS block = acc[r * Cols + c];
                for (uint e = 0; e < block.length(); e++) block[e] *= unit[e];
                uint n = n0 + blockN + r * BlockN;
#ifdef WEIGHT_F8E4M3
                const bool whole = false;
#else
                bool whole = inside || (aligned && n + BlockN <= N && t0 + row + BlockT <= T);
                if (whole) coopMatStore(block, y, (t0 + row) * OutStride + OutFirst + n, OutStride, gl_CooperativeMatrixLayoutRowMajor);
                if (inside) continue;
#endif
                if (!whole) coopMatStore(block, staged, stage, BlockN, gl_CooperativeMatrixLayoutRowMajor);
                subgroupBarrier(); // the block is written
                for (uint at = whole ? BlockT * BlockN : gl_SubgroupInvocationID; at < BlockT * BlockN; at += gl_SubgroupSize)
                {
                    uint column = n + at % BlockN, t = t0 + row + at / BlockN;
                    if (column < N && t < T) y[t * OutStride + OutFirst + column] = staged[stage + at] * column_scale(column);
                }

                subgroupBarrier(); // it is read
            }
        }
    }
}
