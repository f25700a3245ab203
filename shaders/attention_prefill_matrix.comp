// Attention of many rows, on the device's matrix units. Spec and reference: src/GemmaVk.Kernels/AttentionPrefill.cs
//
// Bindings, push constants, specialization: include/attention_matrix.glsl
// Mapping         a workgroup owns one query head and Queries = BlockT * QueryBlocks consecutive rows, and all blocks of keys that they
//                 see. Scores: blocks of Queries x BlockKeys are dealt out to subgroups. Weights: a subgroup takes a row after the other, lanes two
//                 keys at a time. Sums: subgroups take turns in blocks of columns, and keep them from the first key to the last
// Dispatch        (1, H, ceil(T / Queries)), once per bound chunk of the cache; then attention_prefill_join if Parts > 1
// Assumptions     W is a multiple of 32, at most 512; every subgroup is full; shared memory as MatrixAttentionTile counts it: 32 KiB hold
//                 512 columns and 16 rows, 48 KiB hold 32
// Why             a key or value is widened once for all rows of a tile, and goes through shared memory in slices, because 512 columns of
//                 64 keys are twice what every device has. Weights are rounded before they are added up, so that they sum to one. A
//                 block that a row does not see leaves its maximum, sum and result exactly as they were, so a row's bits depend on its own
//                 range alone. Scores and weights are products of halves: the tolerance says what that costs.
#version 450
#extension GL_GOOGLE_include_directive : require
#pragma use_vulkan_memory_model
#include "types.glsl"
#include "attention_matrix.glsl"

void main()
{
    uint id = gl_LocalInvocationID.x;
    uint t0 = gl_WorkGroupID.z * Queries;
    uint h = gl_WorkGroupID.y;
    uint kv = h / (H / K);

    // 1 Queries into shared memory; the range of positions that any sees.
    for (uint at = id; at < Queries * Columns; at += Invocations)
    {
        uint c8 = at % Columns;
        uint from = ((Row0 + min(t0 + at / Columns, T - 1u)) * H + h) * (Width / 4u);
        query[(at / Columns) * QueryStride + c8] =
            packed(q[from + first_half(c8)] * query_weight(first_half(c8)), q[from + second_half(c8)] * query_weight(second_half(c8)));
    }

    for (uint i = id; i < Queries; i += Invocations)
    {
        top[i] = LOWEST;
        total[i] = 0.0;
    }

    int low = 0x7fffffff;
    int high = -1;
    for (uint i = 0; i < Queries; i++)
    {
        ivec2 range = range_of(t0 + i);
        if (range.y < range.x) continue;
        low = min(low, range.x);
        high = max(high, range.y);
    }

    SUMS sums[ValueSlices * SumBlocks * QueryBlocks];
    [[unroll]] for (uint i = 0; i < ValueSlices * SumBlocks * QueryBlocks; i++) sums[i] = SUMS(0.0);

    uint blocks = high < 0 ? 0u : uint(high) / BlockKeys + 1u;
    [[dont_unroll]] for (uint block = high < 0 ? 0u : uint(low) / BlockKeys; block < blocks; block++)
    {
        uint start = block * BlockKeys;
        uint slot = start % R;
        uint firstRow = kv * R + slot;
        // A block that does not wrap and lies wholly in another chunk has nothing for this dispatch.
        if (slot + BlockKeys <= R && (firstRow + BlockKeys <= First || firstRow >= First + Count)) continue;

        // 2 Scores of the block, a slice of columns at a time. BlockKeys out of range repeat one in range, so that only written rows are read.
        SUMS s[ScoreBlocks];
        [[unroll]] for (uint i = 0; i < ScoreBlocks; i++) s[i] = SUMS(0.0);
        [[dont_unroll]] for (uint slice = 0; slice < Columns; slice += KeySlice)
        {
            barrier(); // queries are in place; the slice before has been used
            for (uint at = id; at < BlockKeys * KeySlice; at += Invocations)
            {
                int j = clamp(int(start + at / KeySlice), low, high);
                uint row = row_of(kv, uint(j));
                vec4 a, b;
                key8(row < Count ? row : 0u, uint(j), slice + at % KeySlice, a, b);
                tile[(at / KeySlice) * KeyStride + at % KeySlice] = packed(a, b);
            }

            barrier(); // the slice is written
            [[unroll]] for (uint i = 0; i < ScoreBlocks; i++)
            {
                uint own = gl_SubgroupID + i * Subgroups;
                if (own < QueryBlocks * KeyBlocks)
                {
                    [[unroll]] for (uint k = 0; k < KeySlice * 8u / BlockK; k++)
                    {
                        LEFT a;
                        RIGHT b;
                        coopMatLoad(a, query, (own / KeyBlocks) * BlockT * QueryStride + slice + k * (BlockK / 8u), QueryStride, gl_CooperativeMatrixLayoutRowMajor);
                        coopMatLoad(b, tile, (own % KeyBlocks) * BlockN * KeyStride + k * (BlockK / 8u), KeyStride, gl_CooperativeMatrixLayoutColumnMajor);
                        s[i] = coopMatMulAdd(a, b, s[i]);
                    }
                }
            }
        }

        [[unroll]] for (uint i = 0; i < ScoreBlocks; i++)
        {
            uint own = gl_SubgroupID + i * Subgroups;
            if (own < QueryBlocks * KeyBlocks)
                coopMatStore(s[i], score, (own / KeyBlocks) * BlockT * ScoreStride + (own % KeyBlocks) * BlockN, ScoreStride, gl_CooperativeMatrixLayoutRowMajor);
        }

        barrier(); // scores are complete before their maximum is taken

        // 3 A subgroup per row: maximum, weights, their sum.
        [[dont_unroll]] for (uint i = gl_SubgroupID; i < Queries; i += Subgroups)
        {
            ivec2 range = range_of(t0 + i);
            float before = top[i];
            float most = before;
            for (uint pair = gl_SubgroupInvocationID; pair < BlockKeys / 2u; pair += gl_SubgroupSize)
            {
                int j = int(start + 2u * pair);
                most = max(most, max(score_of(i, 2u * pair, j, range, kv), score_of(i, 2u * pair + 1u, j + 1, range, kv)));
            }

            most = subgroupMax(most);
            float added = 0.0;
            for (uint pair = gl_SubgroupInvocationID; pair < BlockKeys / 2u; pair += gl_SubgroupSize)
            {
                int j = int(start + 2u * pair);
                f16vec2 p = f16vec2(
                    exp_exact(score_of(i, 2u * pair, j, range, kv) - most), exp_exact(score_of(i, 2u * pair + 1u, j + 1, range, kv) - most));
                weight[i * WeightStride + pair] = packFloat2x16(p);
                added += float(p.x) + float(p.y);
            }

            added = subgroupAdd(added);
            subgroupBarrier(); // all have read the maximum before this block
            if (subgroupElect())
            {
                float factor = exp_exact(before - most);
                rescale[i] = factor;
                total[i] = total[i] * factor + added;
                top[i] = most;
            }
        }

        barrier(); // weights and rescaling are complete

        // 4 Weighted values of the block, BlockK keys at a time; keys out of range have weight zero.
        SUMS factor[QueryBlocks];
        [[unroll]] for (uint i = 0; i < QueryBlocks; i++) coopMatLoad(factor[i], rescale, i * BlockT, 0u, gl_CooperativeMatrixLayoutColumnMajor);
        [[unroll]] for (uint i = 0; i < ValueSlices * SumBlocks * QueryBlocks; i++)
        {
            for (uint e = 0; e < sums[i].length(); e++) sums[i][e] *= factor[i % QueryBlocks][e];
        }

        uint used = min(BlockKeys, uint(high) + 1u - start);
        [[unroll]] for (uint slice = 0; slice < ValueSlices; slice++)
        {
            [[dont_unroll]] for (uint k = 0u; k < used; k += BlockK)
            {
                barrier(); // the values before, or keys, have been used
                for (uint at = id; at < BlockK * ValueSlice; at += Invocations)
                {
                    uint c8 = slice * ValueSlice + at % ValueSlice;
                    uint row = row_of(kv, uint(clamp(int(start + k + at / ValueSlice), low, high)));
                    row = row < Count ? row : 0u;
                    if (c8 < Columns) tile[(at / ValueSlice) * ValueStride + at % ValueSlice] = packed(value4(row, 2u * c8), value4(row, 2u * c8 + 1u));
                }

                barrier(); // values are written
                LEFT p[QueryBlocks];
                [[unroll]] for (uint i = 0; i < QueryBlocks; i++)
                    coopMatLoad(p[i], weight, i * BlockT * WeightStride + k / 2u, WeightStride, gl_CooperativeMatrixLayoutRowMajor);
                [[unroll]] for (uint n = 0; n < SumBlocks; n++)
                {
                    uint own = gl_SubgroupID + n * Subgroups;
                    if (own < ColumnBlocks && slice * ValueSlice * 8u + own * BlockN < Width)
                    {
                        RIGHT v;
                        coopMatLoad(v, tile, own * (BlockN / 8u), ValueStride, gl_CooperativeMatrixLayoutRowMajor);
                        [[unroll]] for (uint i = 0; i < QueryBlocks; i++)
                        {
                            uint at = (slice * SumBlocks + n) * QueryBlocks + i;
                            sums[at] = coopMatMulAdd(p[i], v, sums[at]);
                        }
                    }
                }
            }
        }
    }

    // 5 Results, or the part that attention_prefill_join will join: block by block through the subgroup's own part of shared memory.
    barrier(); // the last scores have been used; sums of weights are complete, of no block too
    uint stage = gl_SubgroupID * BlockT * BlockN;
    [[unroll]] for (uint i = 0; i < ValueSlices * SumBlocks * QueryBlocks; i++)
    {
        uint own = gl_SubgroupID + (i / QueryBlocks % SumBlocks) * Subgroups;
        uint column = i / QueryBlocks / SumBlocks * ValueSlice * 8u + own * BlockN;
        if (own < ColumnBlocks && column < Width)
        {
            coopMatStore(sums[i], score, stage, BlockN, gl_CooperativeMatrixLayoutRowMajor);
            subgroupBarrier(); // the block is written
            for (uint at = gl_SubgroupInvocationID; at < BlockT * BlockN; at += gl_SubgroupSize)
            {
                uint row = i % QueryBlocks * BlockT + at / BlockN;
                uint c = column + at % BlockN;
                uint head = (t0 + row) * H + h;
                if (t0 + row >= T) continue;
                float v = score[stage + at];
                if (Parts == 1u)
                {
                    result[(Row0 * H + head) * Width + c] = total[row] == 0.0 ? 0.0 : v / total[row];
                    continue;
                }

                result[(head * Parts + Part0) * Width + c] = v;
                if (c == 0u)
                {
                    uint tail = T * H * Parts * Width + (head * Parts + Part0) * 2u;
                    result[tail] = top[row];
                    result[tail + 1u] = total[row];
                }
            }

            subgroupBarrier(); // it is read
        }
    }
}
