// Body of MatMul on matrix units for float rows: F16 x F16 -> F32, for weights that are exact in F16.
//
// Bindings        and the rest: include/mat_matrix.glsl
// Assumptions     TileT + 2 TileN is at most 320; the device computes in halves. BF16 weights are below 4096 in size; those below
//                 5e-7 lose bits
// Why             a row is multiplied by the power of two that brings its largest number near the top of F16, and each number is
//                 the sum of two halves: 22 bits, so that the result is as right as in F32, and two products cost less than one outside of
//                 the units. Weights are exact: codes of F8E4M3 as they are, with the row's scale applied at the end; BF16 times 16,
//                 which keeps small ones out of F16's subnormals.
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#include "mat_matrix.glsl"
#define DATA_BINDING 0
#define SCALE_BINDING 1
#include "weights.glsl"
layout(set = 0, binding = 2, std430) readonly buffer X { vec4 x[]; };

#ifdef WEIGHT_BF16
const float Raise = 16.0;
#else
const float Raise = 1.0;
#endif
const uint Stride = 5u;     // vectors of a weight row in shared memory: four for 32 columns, and one for the banks
const uint RowStride = 9u;  // of a row of activations: upper halves, lower halves
const uint Steps = 32u / BlockK;
const uint WeightItems = (TileN * 4u + Invocations - 1u) / Invocations;
const uint RowItems = (TileT * 4u + Invocations - 1u) / Invocations;

shared uvec4 wTile[TileN * Stride];
shared uvec4 xTile[TileT * RowStride];
shared float scaling[TileT];  // the power of two of each row

uvec4 packed(f16vec4 a, f16vec4 b) { return uvec4(packFloat2x16(a.xy), packFloat2x16(a.zw), packFloat2x16(b.xy), packFloat2x16(b.zw)); }

// The part of a number that F16 holds exactly. Not a conversion there and back, which drivers take for nothing.
vec4 upper_of(vec4 v) { return uintBitsToFloat(floatBitsToUint(v) & 0xffffe000u); }

// The power of two that brings the largest number of a row to 2^13 .. 2^14; its inverse is its own mirror among exponents.
float power_of(uint exponent) { return uintBitsToFloat((267u - exponent) << 23); }
float back_of(float power) { return uintBitsToFloat((254u - (floatBitsToUint(power) >> 23)) << 23); }

void main()
{
    uint id = gl_LocalInvocationID.x;
    uint t0 = gl_WorkGroupID.x * TileT;
    uint blockN = (gl_SubgroupID % Across) * Rows * BlockN;
    uint blockT = (gl_SubgroupID / Across) * Cols * BlockT;

    // 1 How large the rows are. Infinity and NaN stay what they are.
    for (uint row = gl_SubgroupID; row < TileT; row += gl_NumSubgroups)
    {
        uint from = (First + min(t0 + row, T - 1u)) * (K / 4u);
        vec4 most = vec4(0.0);
        for (uint c = gl_SubgroupInvocationID; c < K / 4u; c += gl_SubgroupSize) most = max(most, abs(x[from + c]));
        float top = subgroupMax(max(max(most.x, most.y), max(most.z, most.w)));
        if (subgroupElect()) scaling[row] = power_of(clamp(floatBitsToUint(top) >> 23, 14u, 254u));
    }

    barrier(); // powers are written

    for (uint n0 = gl_WorkGroupID.y * TileN; n0 < N; n0 += gl_NumWorkGroups.y * TileN)
    {
        SUMS acc[Rows * Cols];
        [[unroll]] for (uint i = 0; i < Rows * Cols; i++) acc[i] = SUMS(0.0);
        uvec4 wNext[WeightItems], upper[RowItems], lower[RowItems];
        [[dont_unroll]] for (uint g = 0u; g <= K / 32u; g++)
        {
            // 2 What was read in the last round goes to shared memory, once its predecessor has been used by all.
            if (g > 0u)
            {
                barrier(); // products read the tile
                [[unroll]] for (uint i = 0; i < WeightItems; i++)
                {
                    uint at = id + i * Invocations;
                    if (at < TileN * 4u) wTile[(at / 4u) * Stride + at % 4u] = wNext[i];
                }

                [[unroll]] for (uint i = 0; i < RowItems; i++)
                {
                    uint at = id + i * Invocations;
                    if (at < TileT * 4u)
                    {
                        xTile[(at / 4u) * RowStride + at % 4u] = upper[i];
                        xTile[(at / 4u) * RowStride + 4u + at % 4u] = lower[i];
                    }
                }

                barrier(); // the tile is written
            }

            // 3 The next columns are on their way while the products run. Rows beyond the edge repeat the last one and are not stored.
            if (g < K / 32u)
            {
                [[unroll]] for (uint i = 0; i < WeightItems; i++)
                {
                    uint at = id + i * Invocations;
                    vec4 a, b;
                    weights8(min(n0 + at / 4u, N - 1u), 4u * g + at % 4u, K, a, b);
                    wNext[i] = packed(f16vec4(a * Raise), f16vec4(b * Raise));
                }

                [[unroll]] for (uint i = 0; i < RowItems; i++)
                {
                    uint at = id + i * Invocations, row = min(at / 4u, TileT - 1u);
                    uint from = (First + min(t0 + row, T - 1u)) * (K / 4u) + 8u * g + 2u * (at % 4u);
                    vec4 a = x[from] * scaling[row], b = x[from + 1u] * scaling[row];
                    vec4 upperA = upper_of(a), upperB = upper_of(b);
                    upper[i] = packed(f16vec4(upperA), f16vec4(upperB));
                    lower[i] = packed(f16vec4(a - upperA), f16vec4(b - upperB));
                }
            }

            // 4 Products of the tile in shared memory.
            if (g > 0u)
            {
                [[unroll]] for (uint j = 0; j < Steps; j++)
                {
                    coopmat<float16_t, gl_ScopeSubgroup, BlockK, BlockN, gl_MatrixUseB> b[Rows];
                    [[unroll]] for (uint r = 0; r < Rows; r++)
                        coopMatLoad(b[r], wTile, (blockN + r * BlockN) * Stride + j * (BlockK / 8u), Stride, gl_CooperativeMatrixLayoutColumnMajor);
                    [[unroll]] for (uint c = 0; c < Cols; c++)
                    {
                        uint from = (blockT + c * BlockT) * RowStride + j * (BlockK / 8u);
                        coopmat<float16_t, gl_ScopeSubgroup, BlockT, BlockK, gl_MatrixUseA> high, low;
                        coopMatLoad(high, xTile, from, RowStride, gl_CooperativeMatrixLayoutRowMajor);
                        coopMatLoad(low, xTile, from + 4u, RowStride, gl_CooperativeMatrixLayoutRowMajor);
                        [[unroll]] for (uint r = 0; r < Rows; r++)
                            acc[r * Cols + c] = coopMatMulAdd(high, b[r], coopMatMulAdd(low, b[r], acc[r * Cols + c]));
                    }
                }
            }
        }

        // 5 Blocks to memory, one after the other through the subgroup's own part of shared memory.
        uint stage = gl_SubgroupID * BlockT * BlockN;
        [[unroll]] for (uint i = 0; i < Rows * Cols; i++)
        {
            coopMatStore(acc[i], staged, stage, BlockN, gl_CooperativeMatrixLayoutRowMajor);
            subgroupBarrier(); // the block is written
            for (uint at = gl_SubgroupInvocationID; at < BlockT * BlockN; at += gl_SubgroupSize)
            {
                uint n = n0 + blockN + (i / Cols) * BlockN + at % BlockN;
                uint row = blockT + (i % Cols) * BlockT + at / BlockN;
                if (n < N && t0 + row < T)
                    y[(t0 + row) * OutStride + OutFirst + n] = staged[stage + at] * back_of(scaling[row]) * (group_scale(n, 0u, K) / Raise);
            }

            subgroupBarrier(); // it is read
        }

        barrier(); // the last products of this tile are done before the next one is written
    }
}
