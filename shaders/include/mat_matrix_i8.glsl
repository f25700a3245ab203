// Body of MatMul on matrix units for INT8 rows: INT8 x INT8 -> INT32.
//
// Bindings        and the rest: include/mat_matrix.glsl
// Assumptions     TileT + TileN is at most 256; Q6K: BlockK is at most 16, because a scale is of sixteen columns
// Why             integers of a group of 32 are exact in whatever order a unit adds them; what a group's sum is multiplied by is applied
//                 outside of the units, group by group as in include/mat_tile.glsl: the result has the same bits, so that
//                 measuring may choose between the two. Weights are unpacked once per tile, and what comes next is read into
//                 registers while the products run.
#extension GL_EXT_shader_explicit_arithmetic_types_int8 : require
#include "mat_matrix.glsl"
#include "mat_group.glsl"

const uint Stride = 4u * Deep + 2u;  // pairs of words of a row in shared memory: four per group, and two for the banks
const uint Steps = 32u / BlockK;
const uint WeightItems = (TileN * Deep + Invocations - 1u) / Invocations;
const uint RowItems = (TileT * Deep + Invocations - 1u) / Invocations;

#define INTEGERS coopmat<int, gl_ScopeSubgroup, BlockT, BlockN, gl_MatrixUseAccumulator>

shared uvec2 wTile[TileN * Stride];
shared uvec2 xTile[TileT * Stride];
#ifdef WEIGHT_K
shared float wScale[2 * Deep * TileN];  // [both parts of GROUP_SCALE][Deep][TileN]
#else
shared float wScale[Deep * TileN];
#endif
shared float xUnit[2 * Deep * TileT];   // [both parts of unit_of][Deep][TileT]

// Sixteen columns of a group that share a scale lie beside each other.
#ifdef WEIGHT_Q6K
#define FIRST_HALF(low, high) uvec4(low.xy, high.xy)
#define SECOND_HALF(low, high) uvec4(low.zw, high.zw)
#else
#define FIRST_HALF(low, high) low
#define SECOND_HALF(low, high) high
#endif

void main()
{
    uint id = gl_LocalInvocationID.x;
    uint groups = K / 32u;
    uint t0 = gl_WorkGroupID.x * TileT;
    uint blockN = (gl_SubgroupID % Across) * Rows * BlockN;
    uint blockT = (gl_SubgroupID / Across) * Cols * BlockT;
    for (uint n0 = gl_WorkGroupID.y * TileN; n0 < N; n0 += gl_NumWorkGroups.y * TileN)
    {
        SUMS acc[Rows * Cols];
        [[unroll]] for (uint i = 0; i < Rows * Cols; i++) acc[i] = SUMS(0.0);
        uvec4 wLow[WeightItems], wHigh[WeightItems], xLow[RowItems], xHigh[RowItems];
        GROUP_SCALE sNext[WeightItems];
        vec2 dNext[RowItems];
        [[dont_unroll]] for (uint g0 = 0u; g0 < groups + Deep; g0 += Deep)
        {
            // 1 What was read in the last round goes to shared memory, once its predecessor has been used by all.
            if (g0 > 0u)
            {
                barrier(); // products read the tile
                [[unroll]] for (uint i = 0; i < WeightItems; i++)
                {
                    uint at = id + i * Invocations, row = at / Deep, deep = at % Deep;
                    if (at < TileN * Deep)
                    {
                        uvec4 a = FIRST_HALF(wLow[i], wHigh[i]), b = SECOND_HALF(wLow[i], wHigh[i]);
                        uint to = row * Stride + 4u * deep;
                        wTile[to] = a.xy;
                        wTile[to + 1u] = a.zw;
                        wTile[to + 2u] = b.xy;
                        wTile[to + 3u] = b.zw;
#ifdef WEIGHT_K
                        wScale[deep * TileN + row] = sNext[i].x;
                        wScale[(Deep + deep) * TileN + row] = sNext[i].y;
#else
                        wScale[deep * TileN + row] = sNext[i];
#endif
                    }
                }

                [[unroll]] for (uint i = 0; i < RowItems; i++)
                {
                    uint at = id + i * Invocations, row = at / Deep, deep = at % Deep;
                    if (at < TileT * Deep)
                    {
                        uvec4 a = FIRST_HALF(xLow[i], xHigh[i]), b = SECOND_HALF(xLow[i], xHigh[i]);
                        uint to = row * Stride + 4u * deep;
                        xTile[to] = a.xy;
                        xTile[to + 1u] = a.zw;
                        xTile[to + 2u] = b.xy;
                        xTile[to + 3u] = b.zw;
                        xUnit[deep * TileT + row] = dNext[i].x;
                        xUnit[(Deep + deep) * TileT + row] = dNext[i].y;
                    }
                }

                barrier(); // the tile is written
            }

            // 2 The next groups are on their way while the products run. Rows beyond the edge repeat the last one and are not stored;
            // a group beyond the last has scales of zero.
            if (g0 < groups)
            {
                [[unroll]] for (uint i = 0; i < WeightItems; i++)
                {
                    uint at = id + i * Invocations, deep = at % Deep;
                    uint from = min(n0 + at / Deep, N - 1u) * groups + min(g0 + deep, groups - 1u);
                    GROUP_SCALE scale = group_of(from, wLow[i], wHigh[i]);
#ifdef WEIGHT_Q6K
                    // Bytes of 0 .. 63 less 32, none of which borrows from its neighbour.
                    wLow[i] = ((wLow[i] | 0x80808080u) - 0x20202020u) ^ 0x80808080u;
                    wHigh[i] = ((wHigh[i] | 0x80808080u) - 0x20202020u) ^ 0x80808080u;
#endif
                    sNext[i] = g0 + deep < groups ? scale : GROUP_SCALE(0.0);
                }

                [[unroll]] for (uint i = 0; i < RowItems; i++)
                {
                    uint at = id + i * Invocations, deep = at % Deep;
                    uint from = (First + min(t0 + at / Deep, T - 1u)) * groups + min(g0 + deep, groups - 1u);
                    xLow[i] = x[2u * from];
                    xHigh[i] = x[2u * from + 1u];
                    vec2 unit = unit_of(from);
                    dNext[i] = g0 + deep < groups ? unit : vec2(0.0);
                }
            }

            // 3 Products of the tile in shared memory, a group at a time.
            if (g0 > 0u)
            {
                [[dont_unroll]] for (uint k = 0u; k < Deep; k++)
                {
                    coopmat<int8_t, gl_ScopeSubgroup, BlockT, BlockK, gl_MatrixUseA> a[Cols * Steps];
                    SUMS unit[Cols], offset[Cols];
                    [[unroll]] for (uint c = 0; c < Cols; c++)
                    {
                        uint row = blockT + c * BlockT;
                        [[unroll]] for (uint j = 0; j < Steps; j++)
                            coopMatLoad(a[c * Steps + j], xTile, row * Stride + 4u * k + j * (BlockK / 8u), Stride, gl_CooperativeMatrixLayoutRowMajor);
                        coopMatLoad(unit[c], xUnit, k * TileT + row, 0u, gl_CooperativeMatrixLayoutColumnMajor);
                        coopMatLoad(offset[c], xUnit, (Deep + k) * TileT + row, 0u, gl_CooperativeMatrixLayoutColumnMajor);
                    }

                    [[unroll]] for (uint r = 0; r < Rows; r++)
                    {
                        uint row = blockN + r * BlockN;
                        coopmat<int8_t, gl_ScopeSubgroup, BlockK, BlockN, gl_MatrixUseB> b[Steps];
                        SUMS scale;
                        [[unroll]] for (uint j = 0; j < Steps; j++)
                            coopMatLoad(b[j], wTile, row * Stride + 4u * k + j * (BlockK / 8u), Stride, gl_CooperativeMatrixLayoutColumnMajor);
                        coopMatLoad(scale, wScale, k * TileN + row, 0u, gl_CooperativeMatrixLayoutRowMajor);
#ifdef WEIGHT_K
                        SUMS second;
                        coopMatLoad(second, wScale, (Deep + k) * TileN + row, 0u, gl_CooperativeMatrixLayoutRowMajor);
#endif
                        [[unroll]] for (uint c = 0; c < Cols; c++)
                        {
                            uint i = r * Cols + c;
                            INTEGERS whole = INTEGERS(0);
#ifdef WEIGHT_Q6K
                            INTEGERS rest = INTEGERS(0);
                            [[unroll]] for (uint j = 0; j < Steps / 2u; j++)
                            {
                                whole = coopMatMulAdd(a[c * Steps + j], b[j], whole);
                                rest = coopMatMulAdd(a[c * Steps + Steps / 2u + j], b[Steps / 2u + j], rest);
                            }

                            SUMS steps = SUMS(whole), more = SUMS(rest);
                            for (uint e = 0; e < steps.length(); e++)
                            {
                                precise float value = fma(scale[e], unit[c][e] * steps[e], acc[i][e]);
                                value = fma(second[e], unit[c][e] * more[e], value);
                                acc[i][e] = value;
                            }
#else
                            [[unroll]] for (uint j = 0; j < Steps; j++) whole = coopMatMulAdd(a[c * Steps + j], b[j], whole);
                            SUMS steps = SUMS(whole);
                            for (uint e = 0; e < steps.length(); e++)
                            {
#ifdef WEIGHT_K
                                precise float value = fma(scale[e], unit[c][e] * steps[e], fma(-second[e], offset[c][e], acc[i][e]));
#else
                                precise float value = fma(scale[e], fma(unit[c][e], steps[e], offset[c][e]), acc[i][e]);
#endif
                                acc[i][e] = value;
                            }
#endif
                        }
                    }
                }
            }
        }

        // 4 Blocks to memory, one after the other through the subgroup's own part of shared memory.
        uint stage = gl_SubgroupID * BlockT * BlockN;
        [[unroll]] for (uint i = 0; i < Rows * Cols; i++)
        {
            coopMatStore(acc[i], staged, stage, BlockN, gl_CooperativeMatrixLayoutRowMajor);
            subgroupBarrier(); // the block is written
            for (uint at = gl_SubgroupInvocationID; at < BlockT * BlockN; at += gl_SubgroupSize)
            {
                uint n = n0 + blockN + (i / Cols) * BlockN + at % BlockN;
                uint t = t0 + blockT + (i % Cols) * BlockT + at / BlockN;
                if (n < N && t < T) y[t * OutStride + OutFirst + n] = staged[stage + at];
            }

            subgroupBarrier(); // it is read
        }

        barrier(); // the last products of this tile are done before the next one is written
    }
}
