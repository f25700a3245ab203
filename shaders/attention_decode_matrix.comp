// Attention of one to eight rows, on the device's matrix units. Spec and reference: src/GemmaVk.Kernels/AttentionDecode.cs
//
// Bindings, push constants, specialization, assumptions: include/attention_rows_matrix.glsl
// Mapping         a workgroup owns Heads neighbouring query heads of one KV head, of as many rows as its blocks of queries hold, and every Splits-th turn
//                 of keys
// Dispatch        (ceil(T / rows), H / Heads, Splits), once per bound chunk of the cache
// Why             workgroups of the same keys begin together, so that those come from memory once; the rest as in attention_decode.comp
#version 450
#extension GL_GOOGLE_include_directive : require
#pragma use_vulkan_memory_model
#include "types.glsl"
#include "math.glsl"
#include "attention_rows_matrix.glsl"

void main()
{
    uint t0 = gl_WorkGroupID.x * TileRows;
    uint h0 = gl_WorkGroupID.y * Heads;
    attended(t0, h0, gl_WorkGroupID.x * gl_NumWorkGroups.y + gl_WorkGroupID.y, gl_WorkGroupID.z);
}
