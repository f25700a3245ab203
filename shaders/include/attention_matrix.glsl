// What attention on matrix units declares: its interface, and how much of everything lies in shared memory. attention_pieces.glsl brings it there; the
// body is attention_prefill_matrix.comp.
//
// Bindings, push constants: as in include/attention_tile.glsl, with Splits 1.
// Specialization  as in include/attention_blocks.glsl: QueryBlocks is 1 to 4, BlockKeys 32 or 64; BlockT, BlockN and BlockK divide 32; Subgroups is
//                 a power of two    8 Lanes: the device's subgroup size, 8 or more; Subgroups of them are LocalSize
#extension GL_KHR_shader_subgroup_clustered : require
#include "math.glsl"
#define RESULT float
#include "attention_blocks.glsl"
layout(constant_id = 8) const uint Lanes = 8;

const uint Invocations = Subgroups * Lanes;

// In vectors of eight halves; a row has one more than it uses, for the banks.
const uint QueryStride = Columns + 1u;
const uint QueryTurns = (Queries * Columns + Invocations - 1u) / Invocations;
const uint KeySlice = Width % 64u == 0u ? 8u : 4u;        // of a key in shared memory at a time
const uint KeyStride = KeySlice + 1u;
const uint KeySlices = Columns / KeySlice;
const uint KeyPiece = BlockKeys * KeyStride;
const uint ValueSlice = Columns < 32u ? Columns : 32u;    // of BlockK values at a time
const uint ValueStride = ValueSlice + 1u;
const uint ValueSlices = (Columns + ValueSlice - 1u) / ValueSlice;
const uint ValuePiece = BlockK * ValueStride;
const uint ValuePieces = Columns > 32u ? 1u : 2u;         // in shared memory: the next is written while one is used, where there is room

// A subgroup makes KeyRuns x RowRuns blocks of scores; where there are more subgroups than blocks of keys, two share the columns of a slice,
// because a block that both operands come for is cheaper in pairs, and a plane of scores more costs little.
const uint Across = Subgroups < KeyBlocks ? Subgroups : KeyBlocks;
const uint KeyRuns = KeyBlocks / Across;
const uint Planes = Subgroups / Across >= 2u ? 2u : 1u;
const uint Down = Subgroups / Across / Planes < QueryBlocks ? Subgroups / Across / Planes : QueryBlocks;
const uint RowRuns = QueryBlocks / Down;
const uint Steps = KeySlice * 8u / BlockK;                // of a slice

// In vectors of four floats or weights, likewise with some more.
const uint ScoreStride = BlockKeys / 4u + 2u;
const uint WeightStride = BlockKeys / 4u + 2u;
const uint ColumnBlocks = ValueSlice * 8u / BlockN;       // of a slice
const uint SumBlocks = (ColumnBlocks + Subgroups - 1u) / Subgroups;
const uint StageSize = BlockT * BlockN / 4u;

const uint ScoreSize = Planes * Queries * ScoreStride;
const uint PieceSize = 2u * KeyPiece > ValuePieces * ValuePiece ? 2u * KeyPiece : ValuePieces * ValuePiece;
const uint FloatSize = ScoreSize > Subgroups * StageSize ? ScoreSize : Subgroups * StageSize;
const uint TileSize = PieceSize > FloatSize ? PieceSize : FloatSize;

// A row's scores are weighed by eight neighbours.
const uint Owners = 8u;
const uint RowsAtOnce = Invocations / Owners;
const uint Passes = (Queries + RowsAtOnce - 1u) / RowsAtOnce;

shared uvec4 query[Queries * QueryStride];
// Slices of keys [2][BlockKeys][KeySlice], then scores [Planes][Queries][BlockKeys] as floats, then values [ValuePieces][BlockK][ValueSlice]; and
// blocks on their way to memory.
shared uvec4 tile[TileSize];
shared uvec2 weight[Queries * WeightStride];
shared float rescale[Queries], totals[Queries];           // what the sums shrink by; sums of weights

vec4 floats_of(uvec4 bits) { return uintBitsToFloat(bits); }

// e^x of x <= 0, for a weight that will be a half: what the device's own exp2 lacks, (3 + 2 |x|) ulp, is far below that. NaN, told by its bits, stays NaN.
float weight_of(float x)
{
    float w = exp2(x * 1.44269504);
    return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u ? x : w;
}

#include "attention_pieces.glsl"
