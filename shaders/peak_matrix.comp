// Products of matrices as fast as the device's matrix units can: the yardstick beside peak.comp. Not a kernel of the model.
//
// Bindings        0 sink [subgroups] uint, written
// Push constants  Rounds: of sixteen products of a block per subgroup
// Specialization  0 LocalSize: whole subgroups    1 BlockT, 2 BlockN, 3 BlockK: a shape that the device lists, INT8 (PEAK_I8) or F16
// Mapping         a subgroup carries four sums, which depend on nothing but themselves
// Dispatch        any number of workgroups
// Assumptions     the device lists the shape
// Why             four chains hide the latency of a product; each result feeds the next, so that nothing can be left out
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#ifdef PEAK_I8
#extension GL_EXT_shader_explicit_arithmetic_types_int8 : require
#define ELEMENT int8_t
#define SUM int
#else
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#define ELEMENT float16_t
#define SUM float
#endif
#pragma use_vulkan_memory_model
#include "types.glsl"
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint BlockT = 8;
layout(constant_id = 2) const uint BlockN = 8;
layout(constant_id = 3) const uint BlockK = 8;
#include "indexing.glsl"

layout(set = 0, binding = 0, std430) writeonly buffer Sink { uint sink[]; };
layout(push_constant) uniform Push { uint Rounds; };

#define SUMS coopmat<SUM, gl_ScopeSubgroup, BlockT, BlockN, gl_MatrixUseAccumulator>

void main()
{
    uint own = group_index() * gl_NumSubgroups + gl_SubgroupID;
    coopmat<ELEMENT, gl_ScopeSubgroup, BlockT, BlockK, gl_MatrixUseA> a = coopmat<ELEMENT, gl_ScopeSubgroup, BlockT, BlockK, gl_MatrixUseA>(ELEMENT(own & 3u));
    coopmat<ELEMENT, gl_ScopeSubgroup, BlockK, BlockN, gl_MatrixUseB> b = coopmat<ELEMENT, gl_ScopeSubgroup, BlockK, BlockN, gl_MatrixUseB>(ELEMENT(own & 1u));
    SUMS s0 = SUMS(SUM(0)), s1 = SUMS(SUM(1)), s2 = SUMS(SUM(2)), s3 = SUMS(SUM(3));
    [[dont_unroll]] for (uint round = 0u; round < Rounds; round++)
    {
        [[unroll]] for (uint i = 0; i < 4u; i++)
        {
            s0 = coopMatMulAdd(a, b, s0);
            s1 = coopMatMulAdd(a, b, s1);
            s2 = coopMatMulAdd(a, b, s2);
            s3 = coopMatMulAdd(a, b, s3);
        }
    }

    float all = 0.0;
    for (uint e = 0; e < s0.length(); e++) all += float(s0[e]) + float(s1[e]) + float(s2[e]) + float(s3[e]);
    if (subgroupElect()) sink[own] = floatBitsToUint(all);
}
