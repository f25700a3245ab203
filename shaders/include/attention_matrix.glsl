// What attention on matrix units declares: its interface, how much of everything lies in shared memory, and which keys a row sees. The body is
// attention_prefill_matrix.comp.
//
// Bindings, push constants: as in include/attention_tile.glsl, with Splits 1.
// Specialization  0 LocalSize    1 QueryBlocks: blocks of rows of a tile, 1 or 2    2 BlockKeys: keys of a block, 32 or 64    3 Width: W
//                 4 BlockT, 5 BlockN, 6 BlockK: a shape F16 x F16 -> F32 that the device lists; 32 is a multiple of each
//                 7 Subgroups: LocalSize by the device's subgroup size
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#include "math.glsl"
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint QueryBlocks = 1;
layout(constant_id = 2) const uint BlockKeys = 32;
layout(constant_id = 3) const uint Width = 64;
layout(constant_id = 4) const uint BlockT = 8;
layout(constant_id = 5) const uint BlockN = 8;
layout(constant_id = 6) const uint BlockK = 8;
layout(constant_id = 7) const uint Subgroups = 4;

layout(set = 0, binding = 0, std430) readonly buffer Q { vec4 q[]; };
layout(set = 0, binding = 3, std430) readonly buffer Positions { int positions[]; };
layout(set = 0, binding = 4, std430) readonly buffer Reach { int reach[]; };
layout(set = 0, binding = 5, std430) writeonly buffer Result { float result[]; };
layout(push_constant) uniform Push
{
    uint T; uint H; uint K; uint W; uint R; uint Window; uint First; uint Count; uint Splits; uint Part0; uint Parts; uint Pairs;
    uint Row0;
};
#include "kv_cache.glsl"

const uint Queries = BlockT * QueryBlocks;
const uint Invocations = gl_WorkGroupSize.x;

// In vectors of eight halves; a row has one more than it uses, for the banks.
const uint Columns = Width / 8u;
const uint QueryStride = Columns + 1u;
const uint KeySlice = Width % 64u == 0u ? 8u : 4u;        // of a key in shared memory at a time
const uint KeyStride = KeySlice + 1u;
const uint ValueSlice = Columns < 32u ? Columns : 32u;    // of BlockK values at a time
const uint ValueStride = ValueSlice + 1u;
const uint ValueSlices = (Columns + ValueSlice - 1u) / ValueSlice;

const uint ScoreStride = BlockKeys > 32u ? BlockKeys + 4u : BlockKeys;
const uint WeightStride = BlockKeys / 2u + 4u;                 // pairs of weights
const uint KeyBlocks = BlockKeys / BlockN;
const uint ScoreBlocks = (QueryBlocks * KeyBlocks + Subgroups - 1u) / Subgroups;
const uint ColumnBlocks = ValueSlice * 8u / BlockN;       // of a slice
const uint SumBlocks = (ColumnBlocks + Subgroups - 1u) / Subgroups;
const uint TileSize = BlockKeys * KeyStride > BlockK * ValueStride ? BlockKeys * KeyStride : BlockK * ValueStride;
const uint StageSize = Subgroups * BlockT * BlockN;

#define SUMS coopmat<float, gl_ScopeSubgroup, BlockT, BlockN, gl_MatrixUseAccumulator>
#define LEFT coopmat<float16_t, gl_ScopeSubgroup, BlockT, BlockK, gl_MatrixUseA>
#define RIGHT coopmat<float16_t, gl_ScopeSubgroup, BlockK, BlockN, gl_MatrixUseB>

shared uvec4 query[Queries * QueryStride];
shared uvec4 tile[TileSize];  // a slice of keys [BlockKeys][KeySlice], or of values [BlockK][ValueSlice]
shared float score[Queries * ScoreStride > StageSize ? Queries * ScoreStride : StageSize];  // and blocks on their way to memory
shared uint weight[Queries * WeightStride];
shared float top[Queries], total[Queries], rescale[Queries];  // running maximum and sum of weights; what the sums shrink by

uvec4 packed(vec4 v, vec4 w)
{
    f16vec4 a = f16vec4(v), b = f16vec4(w);
    return uvec4(packFloat2x16(a.xy), packFloat2x16(a.zw), packFloat2x16(b.xy), packFloat2x16(b.zw));
}

// The range of positions that row i of the tile sees.
ivec2 range_of(uint t)
{
    if (t >= T) return ivec2(0, -1);
    return ivec2(Window == 0u ? 0 : max(0, positions[Row0 + t] - int(Window) + 1), reach[Row0 + t]);
}

// A score, or minus infinity where its row does not see the key.
float score_of(uint i, uint at, int j, ivec2 range, uint kv)
{
    return j >= range.x && j <= range.y && row_of(kv, uint(j)) < Count ? score[i * ScoreStride + at] : minus_infinity();
}
