// The loop of attention_rows_matrix.glsl, which says what everything is: queries, then scores, weights and sums block by block, then what came of it.

// Attention of a tile over the split's keys, of which low to high are seen. Where `alone`, nobody else has any of the tile's keys.
void attend(uint t0, uint h0, uint split, int low, int high, bool alone)
{
    uint id = gl_LocalInvocationID.x;
    uint lane = gl_SubgroupInvocationID;
    uint kv = h0 / (H / K);
    uint blocks = high < low ? 0u : uint(high) / BlockKeys + 1u;
    uint firstTurn = high < low ? 0u : uint(low) / (BlockKeys * Turn);
    firstTurn += (split + Splits - firstTurn % Splits) % Splits;
    uint block = high < low ? 0u : next_here(max(firstTurn * Turn, uint(low) / BlockKeys), blocks, kv);

    // What is on its way: keys of the next block, or values of this one.
    Eight flight[Fetches];
    uint start = block * BlockKeys;
    uint slot = start % R;
    if (block < blocks)
        [[unroll]] for (uint n = 0; n < Fetches; n++) flight[n] = KEY_EIGHT(row_fetched(kv, start, slot, id + n * Invocations, low, high), (id + n * Invocations) % Columns);

    // 1 Queries into registers, through shared memory: their first halves, then what those have lost.
    LEFT high1[QueryBlocks * OwnSlices], low1[QueryBlocks * OwnSlices];
    [[unroll]] for (uint part = 0; part < 2u; part++)
    {
        barrier(); // first halves have been taken
        for (uint at = id; at < Queries * Columns; at += Invocations)
        {
            uint i = at / Columns, c8 = at % Columns;
            uint t = t0 + i / Heads;
            vec4 a = vec4(0.0), b = vec4(0.0);
            if (i / Heads < TileRows && t < T)
            {
                uint from = ((Row0 + t) * H + h0 + i % Heads) * (Width / 4u);
                a = q[from + first_half(c8)] * query_weight(first_half(c8));
                b = q[from + second_half(c8)] * query_weight(second_half(c8));
            }

            tile[i * Stride + c8] = part == 0u ? packed(upper(a), upper(b)) : packed(a - upper(a), b - upper(b));
        }

        barrier(); // they are in place
        [[unroll]] for (uint i = 0; i < QueryBlocks * OwnSlices; i++)
        {
            uint own = gl_SubgroupID + i / QueryBlocks * Subgroups;
            if (own < Width / BlockK)
            {
                uint from = i % QueryBlocks * BlockT * Stride + own * (BlockK / 8u);
                if (part == 0u) coopMatLoad(high1[i], tile, from, Stride, gl_CooperativeMatrixLayoutRowMajor);
                else coopMatLoad(low1[i], tile, from, Stride, gl_CooperativeMatrixLayoutRowMajor);
            }
        }
    }

    // Running maximum and sum of weights of own queries, and what each sees.
    float m[OwnQueries], l[OwnQueries];
    ivec2 range[OwnQueries];
    [[unroll]] for (uint n = 0; n < OwnQueries; n++)
    {
        uint i = gl_SubgroupID + n * Subgroups;
        bool there = i / Heads < TileRows && t0 + i / Heads < T;
        range[n] = there ? range_of(t0 + i / Heads) : ivec2(0, -1);
        m[n] = LOWEST;
        l[n] = 0.0;
    }

    SUMS sums[OwnColumns * QueryBlocks];
    [[unroll]] for (uint i = 0; i < OwnColumns * QueryBlocks; i++) sums[i] = SUMS(0.0);

    [[dont_unroll]] while (block < blocks)
    {
        barrier(); // queries, or values of the block before, have been used

        // 2 Partial scores of the block.
        [[unroll]] for (uint n = 0; n < Fetches; n++)
        {
            uint at = id + n * Invocations;
            uint j = uint(clamp(int(start + at / Columns), low, high));
            if (at < BlockKeys * Columns) tile[at / Columns * Stride + at % Columns] = key_halves(flight[n], j, at % Columns);
#ifndef VALUES_ONLY
            flight[n] = value_eight(row_fetched(kv, start, slot, at, low, high), at % Columns);
#endif
        }

        barrier(); // keys are in place
        SUMS s[QueryBlocks * KeyBlocks];
        [[unroll]] for (uint i = 0; i < QueryBlocks * KeyBlocks; i++) s[i] = SUMS(0.0);
        [[unroll]] for (uint slice = 0; slice < OwnSlices; slice++)
        {
            uint own = gl_SubgroupID + slice * Subgroups;
            if (own < Width / BlockK)
            {
                [[unroll]] for (uint n = 0; n < KeyBlocks; n++)
                {
                    RIGHT b;
                    coopMatLoad(b, tile, n * BlockN * Stride + own * (BlockK / 8u), Stride, gl_CooperativeMatrixLayoutColumnMajor);
                    [[unroll]] for (uint i = 0; i < QueryBlocks; i++)
                    {
                        s[i * KeyBlocks + n] = coopMatMulAdd(low1[slice * QueryBlocks + i], b, s[i * KeyBlocks + n]);
                        s[i * KeyBlocks + n] = coopMatMulAdd(high1[slice * QueryBlocks + i], b, s[i * KeyBlocks + n]);
                    }
                }
            }
        }

        barrier(); // keys have been used
        [[unroll]] for (uint i = 0; i < QueryBlocks * KeyBlocks; i++)
        {
            uint to = gl_SubgroupID * ScoreSize + (i / KeyBlocks * BlockT * BlockKeys + i % KeyBlocks * BlockN) / 4u;
            coopMatStore(s[i], tile, to, BlockKeys / 4u, gl_CooperativeMatrixLayoutRowMajor);
        }

        barrier(); // partial scores are complete before they are added

        // 3 A subgroup per query: scores, their maximum, weights, their sum.
        [[unroll]] for (uint n = 0; n < OwnQueries; n++)
        {
            uint i = gl_SubgroupID + n * Subgroups;
            if (i < Queries)
            {
                vec2 score[OwnPairs];
                float next = m[n];
                [[unroll]] for (uint p = 0; p < OwnPairs; p++)
                {
                    uint pair = lane + p * SubgroupLanes;
                    uint at = min(pair, BlockKeys / 2u - 1u);
                    score[p] = vec2(0.0);
                    for (uint g = 0; g < Subgroups; g++)
                    {
                        uvec4 four = tile[g * ScoreSize + (i * BlockKeys + 2u * at) / 4u];
                        score[p] += uintBitsToFloat((at & 1u) == 0u ? four.xy : four.zw);
                    }

                    int j = int(start + 2u * at);
                    bool there = pair < BlockKeys / 2u;
                    if (!there || j < range[n].x || j > range[n].y || row_of(kv, start, slot, uint(j)) >= Count) score[p].x = minus_infinity();
                    if (!there || j + 1 < range[n].x || j + 1 > range[n].y || row_of(kv, start, slot, uint(j) + 1u) >= Count) score[p].y = minus_infinity();
                    next = max(next, max(score[p].x, score[p].y));
                }

                next = subgroupMax(next);
                float added = 0.0;
                [[unroll]] for (uint p = 0; p < OwnPairs; p++)
                {
                    uint pair = lane + p * SubgroupLanes;
                    vec2 w = vec2(exp_exact(score[p].x - next), exp_exact(score[p].y - next));
                    vec2 first = upper(vec4(w, w)).xy;
                    if (pair < BlockKeys / 2u)
                    {
                        weight[i * WeightStride + pair] = packFloat2x16(f16vec2(first));
                        weight[(Queries + i) * WeightStride + pair] = packFloat2x16(f16vec2(w - first));
                        added += w.x + w.y;
                    }
                }

                float factor = exp_exact(m[n] - next);
                l[n] = fma(l[n], factor, subgroupAdd(added));
                m[n] = next;
                if (subgroupElect()) rescale[i] = factor;
            }
        }

        barrier(); // weights and rescaling are complete; partial scores have been used

        // 4 Weighted values of the block; keys out of range have weight zero.
        [[unroll]] for (uint n = 0; n < Fetches; n++)
        {
            uint at = id + n * Invocations;
            if (at < BlockKeys * Columns) tile[at / Columns * Stride + at % Columns] = value_halves(flight[n]);
        }

        block = next_here(block_after(block), blocks, kv);
        start = block * BlockKeys;
        slot = start % R;
        if (block < blocks)
            [[unroll]] for (uint n = 0; n < Fetches; n++) flight[n] = KEY_EIGHT(row_fetched(kv, start, slot, id + n * Invocations, low, high), (id + n * Invocations) % Columns);

        barrier(); // values are in place
        SUMS factor[QueryBlocks];
        [[unroll]] for (uint i = 0; i < QueryBlocks; i++) coopMatLoad(factor[i], rescale, i * BlockT, 0u, gl_CooperativeMatrixLayoutColumnMajor);
        [[unroll]] for (uint i = 0; i < OwnColumns * QueryBlocks; i++)
        {
            [[unroll]] for (uint e = 0; e < sums[i].length(); e++) sums[i][e] *= factor[i % QueryBlocks][e];
        }

        [[unroll]] for (uint k = 0; k < BlockKeys; k += BlockK)
        {
            LEFT p1[QueryBlocks], p2[QueryBlocks];
            [[unroll]] for (uint i = 0; i < QueryBlocks; i++)
            {
                coopMatLoad(p1[i], weight, i * BlockT * WeightStride + k / 2u, WeightStride, gl_CooperativeMatrixLayoutRowMajor);
                coopMatLoad(p2[i], weight, (Queries + i * BlockT) * WeightStride + k / 2u, WeightStride, gl_CooperativeMatrixLayoutRowMajor);
            }

            [[unroll]] for (uint n = 0; n < OwnColumns; n++)
            {
                uint own = gl_SubgroupID + n * Subgroups;
                if (own < Width / BlockN)
                {
                    RIGHT v;
                    coopMatLoad(v, tile, k * Stride + own * (BlockN / 8u), Stride, gl_CooperativeMatrixLayoutRowMajor);
                    [[unroll]] for (uint i = 0; i < QueryBlocks; i++)
                    {
                        sums[n * QueryBlocks + i] = coopMatMulAdd(p2[i], v, sums[n * QueryBlocks + i]);
                        sums[n * QueryBlocks + i] = coopMatMulAdd(p1[i], v, sums[n * QueryBlocks + i]);
                    }
                }
            }
        }
    }

    // 5 Results, or the part that will be joined with others: block by block through the subgroup's own part of shared memory.
    [[unroll]] for (uint n = 0; n < OwnQueries; n++)
    {
        uint i = gl_SubgroupID + n * Subgroups;
        if (i < Queries && subgroupElect())
        {
            most[i] = m[n];
            total[i] = l[n];
        }
    }

    uint part = Part0 + split;
    uint stage = gl_SubgroupID * (BlockT * BlockN / 4u);
    [[unroll]] for (uint n = 0; n < OwnColumns * QueryBlocks; n++)
    {
        // Barriers of the workgroup, which all subgroups pass: some drivers lose those that wait for a subgroup alone where not all come by.
        uint own = gl_SubgroupID + n / QueryBlocks * Subgroups;
        barrier(); // the last values, or the block before, have been used; maxima and sums are written
        if (own < Width / BlockN) coopMatStore(sums[n], tile, stage, BlockN / 4u, gl_CooperativeMatrixLayoutRowMajor);
        barrier(); // the block is written
        for (uint at = lane; at < BlockT * BlockN / 4u && own < Width / BlockN; at += SubgroupLanes)
        {
            uint i = n % QueryBlocks * BlockT + at / (BlockN / 4u);
            uint c4 = own * (BlockN / 4u) + at % (BlockN / 4u);
            c4 = (c4 & 1u) == 0u ? first_half(c4 / 2u) : second_half(c4 / 2u);
            uint t = t0 + i / Heads;
            if (i / Heads >= TileRows || t >= T) continue;
            uint head = t * H + h0 + i % Heads;
            vec4 v = uintBitsToFloat(tile[stage + at]);
            if (alone) outputs[(Row0 * H + head) * (Width / 4u) + c4] = total[i] == 0.0 ? vec4(0.0) : v / total[i];
            else result[(head * Parts + part) * (Width / 4u) + c4] = v;
            if (!alone && c4 == 0u)
            {
                uint tail = T * H * Parts * Width + (head * Parts + part) * 2u;
                result[tail / 4u][tail % 4u] = most[i];
                result[tail / 4u][tail % 4u + 1u] = total[i];
            }
        }
    }
}
