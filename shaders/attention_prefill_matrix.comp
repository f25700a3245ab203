// Attention of many rows, on the device's matrix units. Spec and reference: src/GemmaVk.Kernels/AttentionPrefill.cs
//
// Bindings, push constants, specialization: include/attention_matrix.glsl
// Mapping         a workgroup owns one query head and Queries = BlockT * QueryBlocks consecutive rows, and all blocks of keys that they
//                 see. Scores: blocks of Queries x BlockKeys are dealt out to subgroups, two of which share the columns where there are enough. Weights:
//                 eight neighbours own a row. Sums: subgroups take turns in blocks of columns, and keep them from the first key to the last
// Dispatch        (1, H, ceil(T / Queries)), once per bound chunk of the cache; then attention_prefill_join if Parts > 1
// Assumptions     W is a multiple of 32, at most 512; every subgroup is full; shared memory as MatrixAttentionTile counts it: 32 KiB hold
//                 512 columns and 16 rows, 48 KiB hold 32
// Why             a key or value serves all rows of a tile, and goes through shared memory in slices, because 512 columns of
//                 64 keys are twice what every device has. A slice is fetched into registers while the one before is multiplied, from the first to
//                 the last of all blocks, so that memory is waited for once. Weights are rounded before they are added up, so that they sum to one.
//                 A block that a row does not see leaves its maximum, sum and result exactly as they were, so a row's bits depend on its own
//                 range alone. Scores and weights are products of halves: the tolerance says what that costs.
#version 450
#extension GL_GOOGLE_include_directive : require
#pragma use_vulkan_memory_model
#include "types.glsl"
#include "attention_matrix.glsl"

void main()
{
    uint t0 = (gl_NumWorkGroups.z - 1u - gl_WorkGroupID.z) * Queries; // later rows see more keys: they begin first
    uint h = gl_WorkGroupID.y;
    uint kv = h / (H / K);

    // 1 Queries into shared memory; the range of positions that any sees.
    take_queries(h, t0);
    low = 0x7fffffff;
    high = -1;
    for (uint i = gl_SubgroupInvocationID; i < Queries; i += gl_SubgroupSize)
    {
        ivec2 range = range_of(t0 + i);
        if (range.y < range.x) continue;
        low = min(low, range.x);
        high = max(high, range.y);
    }

    low = subgroupMin(low);
    high = subgroupMax(high);
    // The rows that this invocation weighs with seven others, from their first block to their last: running maximum and sum of weights.
    uint owner = gl_SubgroupID * Lanes + gl_SubgroupInvocationID;
    ivec2 ranges[Passes];
    float top[Passes], total[Passes];
    [[unroll]] for (uint n = 0; n < Passes; n++)
    {
        ranges[n] = range_of(t0 + owner / Owners + n * RowsAtOnce);
        top[n] = LOWEST;
        total[n] = 0.0;
    }

    SUMS sums[ValueSlices * SumBlocks * QueryBlocks];
    [[unroll]] for (uint i = 0; i < ValueSlices * SumBlocks * QueryBlocks; i++) sums[i] = SUMS(0.0);

    uint across = gl_SubgroupID % Across;
    uint down = gl_SubgroupID / Across % Down;
    uint plane = gl_SubgroupID / (Across * Down);
    bool chunked = Count < K * R;
    uint blocks = high < 0 ? 0u : uint(high) / BlockKeys + 1u;
    uint block = high < 0 ? 0u : bound_block(kv, uint(low) / BlockKeys, blocks);
    if (block < blocks)
    {
        place_keys(kv, block * BlockKeys);
        take_keys(0u);
    }

    [[dont_unroll]] while (block < blocks)
    {
        uint start = block * BlockKeys, slot = start % R;

        // 2 Scores of the block, a slice of columns at a time.
        SUMS s[KeyRuns * RowRuns];
        [[unroll]] for (uint i = 0; i < KeyRuns * RowRuns; i++) s[i] = SUMS(0.0);
        barrier(); // queries are in place; values of the block before have been used
        [[dont_unroll]] for (uint slice = 0; slice < KeySlices; slice++)
        {
            uint base = (slice & 1u) * KeyPiece;
            write_keys(start, slice, base);
            barrier(); // the slice is written; the one before the last has been used
            if (slice + 1u < KeySlices) take_keys(slice + 1u);
            else take_values(kv, start, slot, 0u, 0u);
            if (plane < Planes)
            {
                [[unroll]] for (uint step = 0; step < Steps; step += Planes)
                {
                    uint k = step + plane;
                    if (Steps % Planes != 0u && k >= Steps) continue;
                    LEFT a[RowRuns];
                    [[unroll]] for (uint r = 0; r < RowRuns; r++)
                        coopMatLoad(a[r], query, (down * RowRuns + r) * BlockT * QueryStride + slice * KeySlice + k * (BlockK / 8u), QueryStride, gl_CooperativeMatrixLayoutRowMajor);
                    [[unroll]] for (uint n = 0; n < KeyRuns; n++)
                    {
                        RIGHT b;
                        coopMatLoad(b, tile, base + (across * KeyRuns + n) * BlockN * KeyStride + k * (BlockK / 8u), KeyStride, gl_CooperativeMatrixLayoutColumnMajor);
                        [[unroll]] for (uint r = 0; r < RowRuns; r++) s[n * RowRuns + r] = coopMatMulAdd(a[r], b, s[n * RowRuns + r]);
                    }
                }
            }
        }

        barrier(); // the last slices have been used
        if (plane < Planes)
        {
            [[unroll]] for (uint i = 0; i < KeyRuns * RowRuns; i++)
            {
                uint row = (down * RowRuns + i % RowRuns) * BlockT;
                coopMatStore(s[i], tile, (plane * Queries + row) * ScoreStride + (across * KeyRuns + i / RowRuns) * (BlockN / 4u), ScoreStride, gl_CooperativeMatrixLayoutRowMajor);
            }
        }

        barrier(); // scores are complete before their maximum is taken

        // 3 Eight invocations per row: maximum, weights, their sum.
        [[unroll]] for (uint n = 0; n < Passes; n++)
        {
            uint row = owner / Owners + n * RowsAtOnce;
            if (Queries % RowsAtOnce != 0u && row >= Queries) continue;
            float most = top[n];
            vec4 v[BlockKeys / 32u];
            [[unroll]] for (uint g = 0; g < BlockKeys / 32u; g++)
            {
                uint four = owner % Owners + g * Owners;
                v[g] = floats_of(tile[row * ScoreStride + four]);
                if (Planes == 2u) v[g] += floats_of(tile[(Queries + row) * ScoreStride + four]);
                [[unroll]] for (uint i = 0; i < 4u; i++)
                {
                    int j = int(start + 4u * four + i);
                    bool seen = j >= ranges[n].x && j <= ranges[n].y;
                    if (chunked) seen = seen && kv * R + uint(j) % R - First < Count;
                    v[g][i] = seen ? v[g][i] : minus_infinity();
                    most = max(most, v[g][i]);
                }
            }

            most = subgroupClusteredMax(most, Owners);
            float added = 0.0;
            [[unroll]] for (uint g = 0; g < BlockKeys / 32u; g++)
            {
                f16vec4 p = f16vec4(weight_of(v[g].x - most), weight_of(v[g].y - most), weight_of(v[g].z - most), weight_of(v[g].w - most));
                weight[row * WeightStride + owner % Owners + g * Owners] = uvec2(packFloat2x16(p.xy), packFloat2x16(p.zw));
                added += (float(p.x) + float(p.y)) + (float(p.z) + float(p.w));
            }

            // One exactly where the maximum stays.
            float factor = most > top[n] ? exp_exact(top[n] - most) : 1.0;
            total[n] = total[n] * factor + subgroupClusteredAdd(added, Owners);
            top[n] = most;
            if (owner % Owners == 0u) rescale[row] = factor;
        }

        barrier(); // weights and rescaling are complete; scores have been used

        // 4 Weighted values of the block, BlockK keys at a time; keys out of range have weight zero. Sums shrink where a row has a new maximum.
        SUMS factor[QueryBlocks];
        bool stays = true;
        [[unroll]] for (uint i = 0; i < QueryBlocks; i++)
        {
            coopMatLoad(factor[i], rescale, i * BlockT, 0u, gl_CooperativeMatrixLayoutColumnMajor);
            for (uint e = 0; e < factor[i].length(); e++) stays = stays && factor[i][e] == 1.0;
        }

        if (subgroupMin(stays ? 1u : 0u) == 0u)
        {
            [[unroll]] for (uint i = 0; i < ValueSlices * SumBlocks * QueryBlocks; i++)
            {
                for (uint e = 0; e < sums[i].length(); e++) sums[i][e] *= factor[i % QueryBlocks][e];
            }
        }

        uint next = bound_block(kv, block + 1u, blocks);
        uint used = min(BlockKeys, uint(high) + 1u - start);
        [[dont_unroll]] for (uint k = 0u; k < used; k += BlockK)
        {
            LEFT p[QueryBlocks];
            [[unroll]] for (uint i = 0; i < QueryBlocks; i++)
                coopMatLoad(p[i], weight, i * BlockT * WeightStride + k / 4u, WeightStride, gl_CooperativeMatrixLayoutRowMajor);
            [[unroll]] for (uint slice = 0; slice < ValueSlices; slice++)
            {
                uint base = ValuePieces == 2u ? (k / BlockK & 1u) * ValuePiece : 0u;
                if (ValuePieces == 1u) barrier(); // the values before have been used
                write_values(slice, base);
                barrier(); // values are written; those before the last have been used
                if (slice + 1u < ValueSlices) take_values(kv, start, slot, k, slice + 1u);
                else if (k + BlockK < used) take_values(kv, start, slot, k + BlockK, 0u);
                else if (next < blocks)
                {
                    place_keys(kv, next * BlockKeys);
                    take_keys(0u);
                }

                [[unroll]] for (uint n = 0; n < SumBlocks; n++)
                {
                    // A subgroup without a block of its own does another's again, which is not kept.
                    RIGHT v;
                    coopMatLoad(v, tile, base + min(gl_SubgroupID + n * Subgroups, ColumnBlocks - 1u) * (BlockN / 8u), ValueStride, gl_CooperativeMatrixLayoutRowMajor);
                    [[unroll]] for (uint i = 0; i < QueryBlocks; i++)
                    {
                        uint at = (slice * SumBlocks + n) * QueryBlocks + i;
                        sums[at] = coopMatMulAdd(p[i], v, sums[at]);
                    }
                }
            }
        }

        block = next;
    }

    // 5 Results, or the part that attention_prefill_join will join: block by block through the subgroup's own part of shared memory.
    [[unroll]] for (uint n = 0; n < Passes; n++)
    {
        uint row = owner / Owners + n * RowsAtOnce;
        if (row < Queries && owner % Owners == 0u)
        {
            totals[row] = total[n];
            if (Parts > 1u && t0 + row < T)
            {
                uint tail = T * H * Parts * Width + (((t0 + row) * H + h) * Parts + Part0) * 2u;
                result[tail] = top[n];
                result[tail + 1u] = total[n];
            }
        }
    }

    barrier(); // the last values have been used; sums of weights are in place, of no block too
    uint stage = gl_SubgroupID * StageSize;
    [[unroll]] for (uint i = 0; i < ValueSlices * SumBlocks * QueryBlocks; i++)
    {
        uint own = gl_SubgroupID + (i / QueryBlocks % SumBlocks) * Subgroups;
        uint column = i / QueryBlocks / SumBlocks * ValueSlice * 8u + own * BlockN;
        coopMatStore(sums[i], tile, stage, BlockN / 4u, gl_CooperativeMatrixLayoutRowMajor);
        subgroupBarrier(); // the block is written
        bool kept = own < ColumnBlocks && column < Width;
        for (uint at = kept ? gl_SubgroupInvocationID : StageSize; at < StageSize; at += gl_SubgroupSize)
        {
            uint row = i % QueryBlocks * BlockT + at / (BlockN / 4u);
            uint head = (t0 + row) * H + h;
            if (t0 + row >= T) continue;
            vec4 v = floats_of(tile[stage + at]);
            if (Parts == 1u) v = totals[row] == 0.0 ? vec4(0.0) : v / totals[row];
            uint to = (Parts == 1u ? Row0 * H + head : head * Parts + Part0) * Width + column + 4u * (at % (BlockN / 4u));
            result[to] = v.x;
            result[to + 1u] = v.y;
            result[to + 2u] = v.z;
            result[to + 3u] = v.w;
        }

        subgroupBarrier(); // it is read
    }
}
