// Multiplies and adds as fast as the device can: the yardstick beside read_bandwidth.comp. Not a kernel of the model.
//
// Bindings        0 sink [LocalSize * workgroups] uint, written
// Push constants  Rounds: of 128 operations per invocation with F32 and F16, of 64 with bytes
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         an invocation carries chains that depend on nothing but themselves, all in registers
// Dispatch        any number of workgroups; with Rounds 0 it does nothing, and its time is what a dispatch costs
// Assumptions     PEAK_F16: the device computes in halves; DOT4_HARDWARE: it has the integer dot product
// Why             four chains of four lanes hide the latency of a multiply-add on every device known; each result feeds the next,
//                 so that nothing can be left out
#version 450
#extension GL_GOOGLE_include_directive : require
#ifdef PEAK_F16
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#define VALUE f16vec4
#else
#define VALUE vec4
#endif
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"
#ifdef PEAK_I8
#include "dot4.glsl"
#endif

layout(set = 0, binding = 0, std430) writeonly buffer Sink { uint sink[]; };
layout(push_constant) uniform Push { uint Rounds; };

void main()
{
    uint i = invocation_index();
#ifdef PEAK_I8
    uint b = 0x01030507u + i;
    int a0 = int(i), a1 = a0 + 1, a2 = a0 + 2, a3 = a0 + 3, a4 = a0 + 4, a5 = a0 + 5, a6 = a0 + 6, a7 = a0 + 7;
    for (uint round = 0u; round < Rounds; round++)
    {
        a0 += dot4(uint(a0), b);
        a1 += dot4(uint(a1), b);
        a2 += dot4(uint(a2), b);
        a3 += dot4(uint(a3), b);
        a4 += dot4(uint(a4), b);
        a5 += dot4(uint(a5), b);
        a6 += dot4(uint(a6), b);
        a7 += dot4(uint(a7), b);
    }

    sink[i] = uint(a0 ^ a1 ^ a2 ^ a3 ^ a4 ^ a5 ^ a6 ^ a7);
#else
    VALUE a0 = VALUE(float(i & 15u)), a1 = a0 + VALUE(1.0), a2 = a0 + VALUE(2.0), a3 = a0 + VALUE(3.0);
    VALUE b = VALUE(0.5) + a0 * VALUE(0.01), c = VALUE(0.25);
    for (uint round = 0u; round < Rounds; round++)
    {
        a0 = fma(a0, b, c);
        a1 = fma(a1, b, c);
        a2 = fma(a2, b, c);
        a3 = fma(a3, b, c);
        a0 = fma(a0, b, c);
        a1 = fma(a1, b, c);
        a2 = fma(a2, b, c);
        a3 = fma(a3, b, c);
        a0 = fma(a0, b, c);
        a1 = fma(a1, b, c);
        a2 = fma(a2, b, c);
        a3 = fma(a3, b, c);
        a0 = fma(a0, b, c);
        a1 = fma(a1, b, c);
        a2 = fma(a2, b, c);
        a3 = fma(a3, b, c);
    }

    VALUE all = a0 + a1 + a2 + a3;
    sink[i] = floatBitsToUint(float(all.x) + float(all.y) + float(all.z) + float(all.w));
#endif
}
