// Body of the attention kernels: a tile of up to sixteen queries that read the same KV head, online softmax over blocks of
// keys at fixed absolute positions (arXiv:2205.14135).
//
// Bindings        0 q [T, H, W] float, read    1 keys [K, R, W] F32, F16 or Q8, read; not with values only
//                 2 values likewise, read    3 positions [T] int, read    4 reach [T] int, read
//                 5 result, written: out [T, H, W] if Parts is 1, else partial sums [T, H, Parts, W], then maximum and sum
//                 of weights [T, H, Parts, 2]    Q8: 6 scales of keys [K, R, W/32] BF16, read    7 of values, read
//                 values only: 8 norm [W] float, read    9 coarse, 10 fine angles [.., 2 Pairs] float, read
// Push constants  T, H, K, W, R, Window as in the reference; First and Count: the rows of [K * R] that are bound;
//                 Splits: workgroups that share a row's blocks; Part0: part number of split 0; Parts: parts of all dispatches;
//                 Pairs: pairs of columns that rotate, with values only; Row0: row of q, positions, reach and out where the
//                 T rows begin
// Specialization  0 Queries: 1, 2, 4, 8 or 16 queries of a tile    1 KeysPerLane: 1 to 4; a block has
//                 BLOCK = KeysPerLane * 128 / max(1, Queries / 4) keys, at most 256
// Mapping         scores: an invocation owns KeysPerLane keys times up to four queries. Weights: sixteen neighbours own a
//                 query (eight where there are sixteen). Sums: an invocation owns four columns of some queries
// Assumptions     W is a multiple of 8 (Q8: 32), at most 512; Pairs of 4. Workgroup of 128, 25 KiB of shared memory. Loops over W and over
//                 keys stay rolled: unrolling them costs seconds of compile time on software drivers
// Why             keys by lane need no reduction over W; a block that a query does not see leaves its maximum, sum and
//                 result exactly as they were, so a row's bits depend on its own range alone. Sixteen queries of full width do not
//                 fit in shared memory: they come by halves for each block, from a cache, so that a key comes from memory once
#include "attention_queries.glsl"

// The tile: query i is row t0 + i * tStep, head h0 + i * hStep. Rows from T on are empty.
void attend(uint t0, uint tStep, uint h0, uint hStep, uint split)
{
    uint lane = gl_LocalInvocationID.x;
    uint kv = h0 / (H / K);
    uint columns4 = W / 4u;

    // 1 Queries into shared memory, where all of them fit; the range of positions that each sees, and that any sees.
    if (Queries <= 8u) take_queries(t0, tStep, h0, hStep, 0u);
    int low = 0x7fffffff;
    int high = -1;
    for (uint i = 0; i < Queries; i++)
    {
        uint t = t0 + i * tStep;
        if (t >= T) continue;
        int from = Window == 0u ? 0 : max(0, positions[Row0 + t] - int(Window) + 1);
        if (reach[Row0 + t] < from) continue;
        low = min(low, from);
        high = max(high, reach[Row0 + t]);
    }

    // Queries whose scores this invocation makes, and whose sums it keeps.
    uint key = lane % KeyLanes;
    uint scored = (lane / KeyLanes) * QueriesPerLane;
    uint c4 = lane % columns4;
    uint shares = min(128u / columns4, Queries);
    uint summed = lane / columns4;
    bool keeps = summed < shares;
    uint sumsPerLane = (Queries + shares - 1u) / shares;

    vec4 o[Queries];
    [[unroll]] for (uint i = 0; i < Queries; i++) o[i] = vec4(0.0);
    // Running maximum and sum of weights of query lane / Owners, the same in all its owners.
    float m = LOWEST;
    float l = 0.0;

    uint blocks = high < 0 ? 0u : uint(high) / Block + 1u;
    uint firstBlock = high < 0 ? 0u : uint(low) / Block;
    firstBlock += (split + Splits - firstBlock % Splits) % Splits;
    [[dont_unroll]] for (uint block = firstBlock; block < blocks; block += Splits)
    {
        uint start = block * Block;
        uint slot = start % R;
        uint firstRow = kv * R + slot;
        // A block that does not wrap and lies wholly in another chunk has nothing for this dispatch.
        if (slot + Block <= R && (firstRow + Block <= First || firstRow >= First + Count)) continue;

        // 2 Scores of the block. Keys out of range repeat one in range, so that only written rows are read.
        uint row[KeysPerLane];
        uint position[KeysPerLane];
        bool bound[KeysPerLane];
        float s[KeysPerLane][QueriesPerLane];
        [[unroll]] for (uint n = 0; n < KeysPerLane; n++)
        {
            int j = clamp(int(start + key + n * KeyLanes), low, high);
            row[n] = row_of(kv, uint(j));
            bound[n] = row[n] < Count;
            row[n] = bound[n] ? row[n] : 0u;
            position[n] = uint(j);
            [[unroll]] for (uint i = 0; i < QueriesPerLane; i++) s[n][i] = 0.0;
        }

        barrier(); // queries are in place; weights of the block before have been used
        [[dont_unroll]] for (uint from = 0; from < W / 8u; from += Span)
        {
            if (Queries > 8u)
            {
                barrier(); // the half before has been used
                take_queries(t0, tStep, h0, hStep, from);
                barrier(); // this half is in place
            }

            [[dont_unroll]] for (uint c8 = from; c8 < min(from + Span, W / 8u); c8++)
            {
                vec4 a[KeysPerLane], b[KeysPerLane];
                [[unroll]] for (uint n = 0; n < KeysPerLane; n++) key8(row[n], position[n], c8, a[n], b[n]);
                [[unroll]] for (uint i = 0; i < QueriesPerLane; i++)
                {
                    vec4 qA = query[((scored + i) * Span + c8 - from) * 2u];
                    vec4 qB = query[((scored + i) * Span + c8 - from) * 2u + 1u];
                    [[unroll]] for (uint n = 0; n < KeysPerLane; n++)
                    {
                        s[n][i] = fma(a[n].x, qA.x, fma(a[n].y, qA.y, fma(a[n].z, qA.z, fma(a[n].w, qA.w, s[n][i]))));
                        s[n][i] = fma(b[n].x, qB.x, fma(b[n].y, qB.y, fma(b[n].z, qB.z, fma(b[n].w, qB.w, s[n][i]))));
                    }
                }
            }
        }

        [[unroll]] for (uint i = 0; i < QueriesPerLane; i++)
        {
            uint t = t0 + (scored + i) * tStep;
            int from = t < T && Window != 0u ? max(0, positions[Row0 + t] - int(Window) + 1) : 0;
            int to = t < T ? reach[Row0 + t] : -1;
            [[unroll]] for (uint n = 0; n < KeysPerLane; n++)
            {
                uint at = key + n * KeyLanes;
                int j = int(start + at);
                bool seen = j >= from && j <= to && bound[n];
                score[((scored + i) * Block + at) >> 2][at & 3u] = seen ? s[n][i] : minus_infinity();
            }
        }

        barrier(); // scores are complete before their maximum is taken

        // 3 Owners invocations per query: maximum, weights, their sum.
        uint mine = lane / Owners;
        uint part = lane % Owners;
        float top = minus_infinity();
        if (mine < Queries)
        {
            for (uint at = part; at < Block / 4u; at += Owners)
            {
                vec4 v = score[mine * (Block / 4u) + at];
                top = max(top, max(max(v.x, v.y), max(v.z, v.w)));
            }

            partial[lane].x = top;
        }

        barrier(); // partial maxima of each query are written before they are compared
        float weights = 0.0;
        float next = m;
        if (mine < Queries)
        {
            for (uint i = 0; i < Owners; i++) next = max(next, partial[mine * Owners + i].x);
            for (uint at = part; at < Block / 4u; at += Owners)
            {
                vec4 v = score[mine * (Block / 4u) + at] - next;
                v = vec4(exp_exact(v.x), exp_exact(v.y), exp_exact(v.z), exp_exact(v.w));
                score[mine * (Block / 4u) + at] = v;
                weights += (v.x + v.y) + (v.z + v.w);
            }

            partial[lane].y = weights;
            if (part == 0u) rescale[mine] = exp_exact(m - next);
        }

        barrier(); // weights, their partial sums and the rescaling are complete
        if (mine < Queries)
        {
            l *= rescale[mine];
            for (uint i = 0; i < Owners; i++) l += partial[mine * Owners + i].y;
            m = next;
        }

        // 4 Weighted values of the block, four keys at a time; keys out of range have weight zero.
        if (keeps)
        {
            [[unroll]] for (uint i = 0; i < Queries; i++)
            {
                if (i < sumsPerLane) o[i] *= rescale[min(summed + i * shares, Queries - 1u)];
            }

            uint used = min(Block, uint(high) + 1u - start);
            [[dont_unroll]] for (uint at = 0; at < used; at += 4u)
            {
                vec4 v[4];
                [[unroll]] for (uint n = 0; n < 4u; n++)
                {
                    uint from = row_of(kv, uint(clamp(int(start + at + n), low, high)));
                    v[n] = value4(from < Count ? from : 0u, c4);
                }

                [[unroll]] for (uint i = 0; i < Queries; i++)
                {
                    if (i < sumsPerLane)
                    {
                        vec4 p = score[min(summed + i * shares, Queries - 1u) * (Block / 4u) + at / 4u];
                        o[i] = fma(v[0], vec4(p.x), fma(v[1], vec4(p.y), fma(v[2], vec4(p.z), fma(v[3], vec4(p.w), o[i]))));
                    }
                }
            }
        }
    }

    // 5 Sums of weights to all; then results, or the part that will be joined with others.
    barrier(); // the last block's partial values have been used
    if (lane % Owners == 0u && lane / Owners < Queries) partial[lane / Owners] = vec2(m, l);
    barrier(); // maxima and sums are written before they are read
    uint part = Part0 + split;
    if (keeps)
    {
        [[unroll]] for (uint i = 0; i < Queries; i++)
        {
            uint own = summed + i * shares;
            uint t = t0 + own * tStep;
            if (own < Queries && t < T)
            {
                uint head = t * H + h0 + own * hStep;
                float total = partial[own].y;
                vec4 v = Parts > 1u ? o[i] : (total == 0.0 ? vec4(0.0) : o[i] / total);
                result[(Parts > 1u ? head * Parts + part : Row0 * H + head) * columns4 + c4] = v;
                if (Parts > 1u && c4 == 0u)
                {
                    uint tail = T * H * Parts * W + (head * Parts + part) * 2u;
                    result[tail / 4u][tail % 4u] = partial[own].x;
                    result[tail / 4u][tail % 4u + 1u] = total;
                }
            }
        }
    }
}
