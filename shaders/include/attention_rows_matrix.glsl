// Body of AttentionDecode on matrix units: a tile of query heads that read the same KV head, of one row or of several, online softmax over blocks of keys at
// fixed absolute positions (arXiv:2205.14135).
//
// Bindings, push constants: as in include/attention_tile.glsl; 11 out and 12 counters: include/attention_join.glsl
// Specialization  as in include/attention_blocks.glsl: QueryBlocks is 1 or 2, BlockKeys and W are multiples of BlockN and BlockK, Subgroups is LocalSize by
//                 the device's subgroup size    8 Heads: of a tile; query i is row i / Heads, head i % Heads
//                 9 Turn: blocks that a split takes one after the other
// Mapping         Scores: a subgroup owns every Subgroups-th BlockK columns of all queries, in registers, and makes partial scores of all keys. Weights:
//                 a subgroup owns every Subgroups-th query, and adds its partial scores up, lanes two keys at a time. Sums: a subgroup owns every
//                 Subgroups-th BlockN columns
// Assumptions     W is a multiple of 32, at most 512; every subgroup is full; shared memory as MatrixDecodeTile counts it
// Why             a row of keys or values comes from memory once for all queries of a tile, as neighbouring vectors by neighbouring invocations, and while
//                 others are multiplied. Queries and weights are multiplied as the sum of two halves, the second what the first has lost: 22 bits of
//                 them, so a cache of F16 loses nothing. A block that a row does not see leaves its maximum, sum and result exactly
//                 as they were, and matrix units do not mix rows, so a row's bits depend on its own range alone
#define RESULT_ACCESS coherent
#include "attention_blocks.glsl"
layout(constant_id = 8) const uint Heads = 1;
layout(constant_id = 9) const uint Turn = 1;
#include "kv_eights.glsl"

const uint Invocations = gl_WorkGroupSize.x;
const uint SubgroupLanes = Invocations / Subgroups;
const uint TileRows = Queries / Heads;

// In vectors of eight halves; a row has one more than it uses, for the banks.
const uint Stride = Columns + 1u;
const uint Fetches = (BlockKeys * Columns + Invocations - 1u) / Invocations; // of an invocation and block

const uint OwnSlices = (Width / BlockK + Subgroups - 1u) / Subgroups;
const uint OwnColumns = (Width / BlockN + Subgroups - 1u) / Subgroups;
const uint OwnQueries = (Queries + Subgroups - 1u) / Subgroups;
const uint OwnPairs = (BlockKeys / 2u + SubgroupLanes - 1u) / SubgroupLanes;
const uint WeightStride = BlockKeys / 2u + 4u; // pairs of weights
const uint ScoreSize = Queries * BlockKeys / 4u; // vectors of a subgroup's partial scores
const uint TileKeys = BlockKeys > Queries ? BlockKeys : Queries;
const uint TileSize = TileKeys * Stride > Subgroups * ScoreSize ? TileKeys * Stride : Subgroups * ScoreSize;

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

// Row of vector `at` of a block's keys. Keys out of range repeat one in range, so that only written rows are read.
uint row_fetched(uint kv, uint start, uint slot, uint at, int low, int high)
{
    uint row = row_of(kv, start, slot, uint(clamp(int(start + min(at, BlockKeys * Columns - 1u) / Columns), low, high)));
    return row < Count ? row : 0u;
}

#include "attention_rows_attend.glsl"

// A tile's attention over a split's keys. True in the workgroup by which the tile became whole: outputs then has it.
bool attended(uint t0, uint h0, uint number, uint split)
{
    ivec2 range = range_of_tile(t0);
    if (!takes_part(split, range.x, range.y, BlockKeys * Turn)) return false;
    bool alone = Parts == 1u || (Parts == Splits && splitCount == 1u);
    attend(t0, h0, split, range.x, range.y, alone);
    return alone || joined(t0, h0, number, split);
}
