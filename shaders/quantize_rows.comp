// Rounds activation rows to INT8 in groups of 32. Spec and reference: src/GemmaVk.Kernels/QuantizeRows.cs
//
// Bindings        0 x [T, K] float, read    1 q [T, K] int8 packed in uint, written    2 d [T, K/32] float, written
//                 3 sum [T, K/32] float, written
// Push constants  Groups: T * K / 32
// Specialization  0 LocalSize: invocations of a workgroup, up to 256    1 EvenOdd: 1 for the order of INT4 weights
// Mapping         an invocation owns a group of 32 columns
// Dispatch        ceil(Groups / LocalSize) workgroups, folded into y beyond 65535
// Assumptions     K is a multiple of 32
// Why             no reduction crosses invocations, and a group is one cache line in and a quarter out
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"
#include "quant_bytes.glsl"

layout(constant_id = 1) const uint EvenOdd = 0;
layout(set = 0, binding = 0, std430) readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1, std430) writeonly buffer Q { uvec4 q[]; };
layout(set = 0, binding = 2, std430) writeonly buffer D { float d[]; };
layout(set = 0, binding = 3, std430) writeonly buffer Sum { float sum[]; };
layout(push_constant) uniform Push { uint Groups; };

void main()
{
    for (uint g = invocation_index(); g < Groups; g += invocation_count())
    {
        // 1 Largest magnitude of the group: without their sign bit floats order like integers, and NaN above all.
        uint top = 0u;
        for (uint i = 0; i < 8u; i++)
        {
            uvec4 a = floatBitsToUint(x[8u * g + i]) & 0x7fffffffu;
            top = max(top, max(max(a.x, a.y), max(a.z, a.w)));
        }

        float absmax = uintBitsToFloat(top);

        // 2 Steps, eight columns at a time: natural order gives words 2i and 2i + 1, even-odd order i and i + 4.
        float inverse = absmax == 0.0 ? 0.0 : 127.0 / absmax;
        uint words[8];
        ivec4 total = ivec4(0);
        [[unroll]] for (uint i = 0; i < 4u; i++)
        {
            ivec4 a = ivec4(clamp(roundEven(x[8u * g + 2u * i] * inverse), -127.0, 127.0));
            ivec4 b = ivec4(clamp(roundEven(x[8u * g + 2u * i + 1u] * inverse), -127.0, 127.0));
            total += a + b;
            words[EvenOdd == 1u ? i : 2u * i] = packed_bytes(EvenOdd == 1u ? ivec4(a.xz, b.xz) : a);
            words[EvenOdd == 1u ? i + 4u : 2u * i + 1u] = packed_bytes(EvenOdd == 1u ? ivec4(a.yw, b.yw) : b);
        }

        q[2u * g] = uvec4(words[0], words[1], words[2], words[3]);
        q[2u * g + 1u] = uvec4(words[4], words[5], words[6], words[7]);

        // 3 Value of one step, and of all steps together; what is not finite stays so.
        float unit = top < 0x7f800000u ? absmax / 127.0 : uintBitsToFloat(0x7fc00000u);
        d[g] = unit;
        sum[g] = unit * float(total.x + total.y + total.z + total.w);
    }
}
