// What both bodies of attention on matrix units begin with: the interface, the blocks that a tile is cut into, and the matrices that a subgroup holds of them.
//
// Bindings, push constants: attention_interface.glsl
// Specialization  0 LocalSize    1 QueryBlocks: blocks of queries of a tile    2 BlockKeys: keys of a block    3 Width: W
//                 4 BlockT, 5 BlockN, 6 BlockK: a shape F16 x F16 -> F32 that the device lists    7 Subgroups of the workgroup
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
#include "attention_interface.glsl"

const uint Queries = BlockT * QueryBlocks;
const uint KeyBlocks = BlockKeys / BlockN;
const uint Columns = Width / 8u; // of a query, key or value, in vectors of eight halves

#define SUMS coopmat<float, gl_ScopeSubgroup, BlockT, BlockN, gl_MatrixUseAccumulator>
#define LEFT coopmat<float16_t, gl_ScopeSubgroup, BlockT, BlockK, gl_MatrixUseA>
#define RIGHT coopmat<float16_t, gl_ScopeSubgroup, BlockK, BlockN, gl_MatrixUseB>

// Eight floats as the halves of a vector.
uvec4 packed(vec4 v, vec4 w)
{
    f16vec4 a = f16vec4(v), b = f16vec4(w);
    return uvec4(packFloat2x16(a.xy), packFloat2x16(a.zw), packFloat2x16(b.xy), packFloat2x16(b.zw));
}
