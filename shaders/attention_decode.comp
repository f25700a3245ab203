// Attention of one to eight rows. Spec and reference: src/GemmaVk.Kernels/AttentionDecode.cs
//
// Bindings, push constants, specialization, assumptions: include/attention_tile.glsl, the body of both attention kernels; 11 out and
//                 12 counters: include/attention_join.glsl
// Mapping         a workgroup owns one row, Queries neighbouring query heads of one KV head, and every Splits-th block of keys
// Dispatch        (Splits, H / Queries, T), once per bound chunk of the cache
// Why             the dispatch does not depend on positions, so it is recorded once and replayed as the cache fills. Heads
//                 that share keys share their loads; splits keep a wide device busy when one row is decoded
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
#include "math.glsl"
#define RESULT_ACCESS coherent
#include "attention_tile.glsl"
#define OUT_BINDING 11
#define JOINERS 128u
#define COLUMNS_AT_ONCE 1u
#define HEADS_OF_TILE Queries
#include "attention_join.glsl"

void main()
{
    uint t = gl_WorkGroupID.z;
    uint h0 = gl_WorkGroupID.y * Queries;
    int low = Window == 0u ? 0 : max(0, positions[Row0 + t] - int(Window) + 1);
    if (!takes_part(gl_WorkGroupID.x, low, reach[Row0 + t], Block)) return;
    attend(t, 0u, h0, 1u, gl_WorkGroupID.x);
    joined(t, h0, t * (H / Queries) + gl_WorkGroupID.y, gl_WorkGroupID.x);
}
