// Attention of many rows. Spec and reference: src/GemmaVk.Kernels/AttentionPrefill.cs
//
// Bindings, push constants, specialization, assumptions: include/attention_tile.glsl, the body of both attention kernels.
// Mapping         a workgroup owns one query head and Queries consecutive rows, and all blocks of keys that they see
// Dispatch        (1, H, ceil(T / Queries)), once per bound chunk of the cache; then attention_prefill_join if Parts > 1
// Why             consecutive rows see almost the same keys, so each load serves Queries rows
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
#include "math.glsl"
#include "attention_tile.glsl"

void main() { attend(gl_WorkGroupID.z * Queries, 1u, gl_WorkGroupID.y, 0u, 0u); }
