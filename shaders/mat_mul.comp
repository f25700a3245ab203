// Weights times many rows. Spec and reference: src/GemmaVk.Kernels/MatMul.cs
//
// Bindings, push constants, specialization, mapping, dispatch, assumptions, reasons: include/mat_rows.glsl, which is the
// body of MatVec and MatMul alike.
// MatMul          Cols is 8, on software drivers 4, and x counts tiles of rows. Larger tiles need shared memory and barriers,
//                 which cost more on software drivers than the second read of a weight from a cache.
// TILE            on GPUs: include/mat_tile.glsl is the body for INT8 rows, include/mat_tile_f32.glsl for float rows; on those with
//                 matrix units mat_mul_matrix.comp is another form
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
#if defined(TILE) && defined(ACT_I8)
#include "mat_tile.glsl"
#elif defined(TILE)
#include "mat_tile_f32.glsl"
#else
const uint Ahead = 0u, Split = 0u; // drivers that compute on the CPU
#define WHOLE_TILES
#include "mat_rows.glsl"
#endif
