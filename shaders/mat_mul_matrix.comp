// Weights times many rows, on the device's matrix units. Spec and reference: src/GemmaVk.Kernels/MatMul.cs
//
// Bindings, push constants, specialization, mapping, dispatch, assumptions, reasons: include/mat_matrix_f16.glsl for products of halves
// (HALVES) and include/mat_matrix_i8.glsl for those of bytes, which begin with what they share, include/mat_matrix.glsl.
#version 450
#extension GL_GOOGLE_include_directive : require
#pragma use_vulkan_memory_model
#include "types.glsl"
#ifdef HALVES
#include "mat_matrix_f16.glsl"
#else
#include "mat_matrix_i8.glsl"
#endif
