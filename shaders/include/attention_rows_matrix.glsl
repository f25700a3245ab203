// Body of AttentionDecode on matrix units: a tile of query heads that read the same KV head, of one row or of several, online softmax over blocks of keys at
// fixed absolute positions (arXiv:2205.14135).
//
// Bindings, push constants: as in include/attention_tile.glsl; 11 out and 12 counters: include/attention_join.glsl
// Specialization  0 LocalSize    1 QueryBlocks: blocks of queries of a tile, 1 or 2    2 BlockKeys: keys of a block    3 Width: W
//                 4 BlockT, 5 BlockN, 6 BlockK: a shape F16 x F16 -> F32 that the device lists; BlockKeys and W are multiples of BlockN and BlockK
//                 7 Subgroups: LocalSize by the device's subgroup size    8 Heads: of a tile; query i is row i / Heads, head i % Heads
//                 9 Turn: blocks that a split takes one after the other
// Mapping         Scores: a subgroup owns every Subgroups-th BlockK columns of all queries, in registers, and makes partial scores of all keys. Weights:
//                 a subgroup owns every Subgroups-th query, and adds its partial scores up, lanes two keys at a time. Sums: a subgroup owns every
//                 Subgroups-th BlockN columns
// Assumptions     W is a multiple of 32, at most 512; every subgroup is full; shared memory as MatrixDecodeTile counts it
// Why             a row of keys or values comes from memory once for all queries of a tile, as neighbouring vectors by neighbouring invocations, and while
//                 others are multiplied. Queries and weights are multiplied as the sum of two halves, the second what the first has lost: 22 bits of
//                 them, so a cache of F16 loses nothing. A block that a row does not see leaves its maximum, sum and result exactly
//                 as they were, and matrix units do not mix rows, so a row's bits depend on its own range alone
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint QueryBlocks = 1;
layout(constant_id = 2) const uint BlockKeys = 32;
layout(constant_id = 3) const uint Width = 64;
layout(constant_id = 4) const uint BlockT = 8;
layout(constant_id = 5) const uint BlockN = 8;
layout(constant_id = 6) const uint BlockK = 8;
layout(constant_id = 7) const uint Subgroups = 4;
layout(constant_id = 8) const uint Heads = 1;
layout(constant_id = 9) const uint Turn = 1;

layout(set = 0, binding = 0, std430) readonly buffer Q { vec4 q[]; };
layout(set = 0, binding = 3, std430) readonly buffer Positions { int positions[]; };
layout(set = 0, binding = 4, std430) readonly buffer Reach { int reach[]; };
layout(set = 0, binding = 5, std430) coherent buffer Result { vec4 result[]; };
layout(push_constant) uniform Push
{
    uint T; uint H; uint K; uint W; uint R; uint Window; uint First; uint Count; uint Splits; uint Part0; uint Parts; uint Pairs;
    uint Row0;
};
#include "kv_eights.glsl"

const uint Queries = BlockT * QueryBlocks;
const uint Invocations = gl_WorkGroupSize.x;
const uint SubgroupLanes = Invocations / Subgroups;
const uint TileRows = Queries / Heads;

// In vectors of eight halves; a row has one more than it uses, for the banks.
const uint Columns = Width / 8u;
const uint Stride = Columns + 1u;
const uint Fetches = (BlockKeys * Columns + Invocations - 1u) / Invocations; // of an invocation and block

const uint KeyBlocks = BlockKeys / BlockN;
const uint OwnSlices = (Width / BlockK + Subgroups - 1u) / Subgroups;
const uint OwnColumns = (Width / BlockN + Subgroups - 1u) / Subgroups;
const uint OwnQueries = (Queries + Subgroups - 1u) / Subgroups;
const uint OwnPairs = (BlockKeys / 2u + SubgroupLanes - 1u) / SubgroupLanes;
const uint WeightStride = BlockKeys / 2u + 4u; // pairs of weights
const uint ScoreSize = Queries * BlockKeys / 4u; // vectors of a subgroup's partial scores
const uint TileKeys = BlockKeys > Queries ? BlockKeys : Queries;
const uint TileSize = TileKeys * Stride > Subgroups * ScoreSize ? TileKeys * Stride : Subgroups * ScoreSize;

#define SUMS coopmat<float, gl_ScopeSubgroup, BlockT, BlockN, gl_MatrixUseAccumulator>
#define LEFT coopmat<float16_t, gl_ScopeSubgroup, BlockT, BlockK, gl_MatrixUseA>
#define RIGHT coopmat<float16_t, gl_ScopeSubgroup, BlockK, BlockN, gl_MatrixUseB>

shared uvec4 tile[TileSize]; // queries, then in turns keys, partial scores and values; at last sums on their way to memory
shared uint weight[2u * Queries * WeightStride]; // first halves, then second ones
shared float rescale[Queries], most[Queries], total[Queries];

#define OUT_BINDING 11
#define JOINERS Invocations
#define COLUMNS_AT_ONCE 4u
#define HEADS_OF_TILE Heads
#include "attention_join.glsl"

// Floats without the digits that a half has no room for; by their bits, because compilers take a float that goes to a half and back for itself.
vec4 upper(vec4 v) { return uintBitsToFloat(floatBitsToUint(v) & 0xffffe000u); }

// The range of positions that row t of the pass sees.
ivec2 range_of(uint t)
{
    return ivec2(Window == 0u ? 0 : max(0, positions[Row0 + t] - int(Window) + 1), reach[Row0 + t]);
}

// What any row of a tile sees; nothing where the first is above the second.
ivec2 range_of_tile(uint t0)
{
    ivec2 all = ivec2(0x7fffffff, -1);
    for (uint r = 0; r < TileRows && t0 + r < T; r++)
    {
        ivec2 range = range_of(t0 + r);
        if (range.x <= range.y) all = ivec2(min(all.x, range.x), max(all.y, range.y));
    }

    return all;
}

// The split's block after another.
uint block_after(uint block)
{
    block++;
    return block % Turn == 0u ? block + (Splits - 1u) * Turn : block;
}

// From a block on, the split's first that has keys in this chunk, or one behind all.
uint next_here(uint block, uint blocks, uint kv)
{
    while (block < blocks)
    {
        // A block that wraps may have rows in two chunks.
        uint slot = block * BlockKeys % R;
        uint row = kv * R + slot;
        if (slot + BlockKeys > R || (row + BlockKeys > First && row < First + Count)) break;
        block = block_after(block);
    }

    return block;
}

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

    Eight here[Fetches], ahead[Fetches];
    if (block < blocks)
    {
        [[unroll]] for (uint n = 0; n < Fetches; n++)
        {
            uint at = min(id + n * Invocations, BlockKeys * Columns - 1u);
            uint row = row_of(kv, uint(clamp(int(block * BlockKeys + at / Columns), low, high)));
#ifdef VALUES_ONLY
            ahead[n] = value_eight(row, at % Columns);
#else
            ahead[n] = key_eight(row, at % Columns);
#endif
        }
    }

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
        uint start = block * BlockKeys;
        barrier(); // queries, or values of the block before, have been used

        // 2 Partial scores of the block. Keys out of range repeat one in range, so that only written rows are read.
        [[unroll]] for (uint n = 0; n < Fetches; n++)
        {
            uint at = id + n * Invocations;
            uint j = uint(clamp(int(start + at / Columns), low, high));
            if (at < BlockKeys * Columns) tile[at / Columns * Stride + at % Columns] = key_halves(ahead[n], j, at % Columns);
#ifdef VALUES_ONLY
            here[n] = ahead[n];
#else
            here[n] = value_eight(row_of(kv, j), at % Columns);
#endif
        }

        block = next_here(block_after(block), blocks, kv);
        if (block < blocks)
        {
            [[unroll]] for (uint n = 0; n < Fetches; n++)
            {
                uint at = min(id + n * Invocations, BlockKeys * Columns - 1u);
                uint row = row_of(kv, uint(clamp(int(block * BlockKeys + at / Columns), low, high)));
#ifdef VALUES_ONLY
                ahead[n] = value_eight(row, at % Columns);
#else
                ahead[n] = key_eight(row, at % Columns);
#endif
            }
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
                    if (!there || j < range[n].x || j > range[n].y || !is_bound(kv, uint(j))) score[p].x = minus_infinity();
                    if (!there || j + 1 < range[n].x || j + 1 > range[n].y || !is_bound(kv, uint(j) + 1u)) score[p].y = minus_infinity();
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
            if (at < BlockKeys * Columns) tile[at / Columns * Stride + at % Columns] = value_halves(here[n]);
        }

        barrier(); // values are in place
        SUMS factor[QueryBlocks];
        [[unroll]] for (uint i = 0; i < QueryBlocks; i++) coopMatLoad(factor[i], rescale, i * BlockT, 0u, gl_CooperativeMatrixLayoutColumnMajor);
        [[unroll]] for (uint i = 0; i < OwnColumns * QueryBlocks; i++)
        {
            for (uint e = 0; e < sums[i].length(); e++) sums[i][e] *= factor[i % QueryBlocks][e];
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

// A tile's attention over a split's keys. True in the workgroup by which the tile became whole: outputs then has it.
bool attended(uint t0, uint h0, uint number, uint split)
{
    ivec2 range = range_of_tile(t0);
    if (!takes_part(split, range.x, range.y, BlockKeys * Turn)) return false;
    bool alone = Parts == 1u || (Parts == Splits && splitCount == 1u);
    attend(t0, h0, split, range.x, range.y, alone);
    return alone || joined(t0, h0, number, split);
}
