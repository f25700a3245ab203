// Weights times one to eight rows. Spec and reference: src/GemmaVk.Kernels/MatVec.cs
//
// Bindings, push constants, specialization, mapping, dispatch, assumptions, reasons: include/mat_rows.glsl, which is the
// body of MatVec and MatMul alike.
// MatVec          Cols is the smallest of 1, 2, 4, 8 that is at least T, so a decoding pass reads every weight once;
//                 software drivers stop at 4.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(constant_id = 3) const uint Ahead = 0;
layout(constant_id = 4) const uint Split = 0;
#include "mat_rows.glsl"
