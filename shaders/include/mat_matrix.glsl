// What both bodies of MatMul on matrix units share: a workgroup owns a tile of weight rows times activation rows, and each of its
// subgroups Rows x Cols blocks of it, which matrix units add up as wholes (VK_KHR_cooperative_matrix).
//
// Bindings        as in include/mat_rows.glsl, and so are the push constants
// Specialization  0 LocalSize: Across * Along subgroups    1 Rows: blocks of weight rows of a subgroup, 1 2 4    2 Cols: blocks of
//                 activation rows of one, 1 2 4    3 Across: subgroups beside each other along weight rows    4 Along: likewise along
//                 activation rows    5 BlockT, 6 BlockN, 7 BlockK: a shape that the device lists; BlockK divides 32
//                 8 Deep: groups of 32 columns between two barriers, 1 2 4
// Mapping         a row of a block's result is a row of activations, a column a weight row; which invocation holds which number of
//                 it the device decides, so scales of rows come as matrices too: loaded with a stride of 0, all columns (or rows) are alike
// Dispatch        x = ceil(T / (BlockT * Cols * Along)); y = ceil(N / (BlockN * Rows * Across)), fewer are right too: workgroups stride
// Assumptions     K is a multiple of 32; every subgroup is full
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#include "mat_interface.glsl"
layout(constant_id = 3) const uint Across = 1;
layout(constant_id = 4) const uint Along = 1;
layout(constant_id = 5) const uint BlockT = 8;
layout(constant_id = 6) const uint BlockN = 8;
layout(constant_id = 7) const uint BlockK = 8;
layout(constant_id = 8) const uint Deep = 2;

const uint TileT = BlockT * Cols * Along;
const uint TileN = BlockN * Rows * Across;
const uint Invocations = gl_WorkGroupSize.x;

#define SUMS coopmat<float, gl_ScopeSubgroup, BlockT, BlockN, gl_MatrixUseAccumulator>

// A block on its way to memory: numbers have a known place here.
shared float staged[Across * Along * BlockT * BlockN];
