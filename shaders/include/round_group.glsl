// A group of 32 values as QuantizeRows rounds it: mirror of src/GemmaVk.Kernels/QuantizeRows.cs.
// Needs ROWS_BINDING, the first of three: q [., K] int8 packed in uint, d [., K/32] float, sum [., K/32] float, all written; and EvenOdd, 1 for the
// order of weights in nibbles.
#include "quant_bytes.glsl"
layout(set = 0, binding = ROWS_BINDING, std430) writeonly buffer StepsOut { uvec4 stepsOut[]; };
layout(set = 0, binding = ROWS_BINDING + 1, std430) writeonly buffer UnitsOut { float unitsOut[]; };
layout(set = 0, binding = ROWS_BINDING + 2, std430) writeonly buffer SumsOut { float sumsOut[]; };

void round_group(uint g, vec4 a[8])
{
    // 1 Largest magnitude of the group: without their sign bit floats order like integers, and NaN above all.
    uint top = 0u;
    [[unroll]] for (uint i = 0; i < 8u; i++)
    {
        uvec4 bits = floatBitsToUint(a[i]) & 0x7fffffffu;
        top = max(top, max(max(bits.x, bits.y), max(bits.z, bits.w)));
    }

    float absmax = uintBitsToFloat(top);

    // 2 Steps, eight columns at a time: one word each of the first and the second four in natural order, of even and odd ones otherwise.
    float inverse = absmax == 0.0 ? 0.0 : 127.0 / absmax;
    uvec4 low, high;
    ivec4 total = ivec4(0);
    [[unroll]] for (uint i = 0; i < 4u; i++)
    {
        ivec4 first = ivec4(clamp(roundEven(a[2u * i] * inverse), -127.0, 127.0));
        ivec4 second = ivec4(clamp(roundEven(a[2u * i + 1u] * inverse), -127.0, 127.0));
        total += first + second;
        low[i] = packed_bytes(EvenOdd == 1u ? ivec4(first.xz, second.xz) : first);
        high[i] = packed_bytes(EvenOdd == 1u ? ivec4(first.yw, second.yw) : second);
    }

    stepsOut[2u * g] = EvenOdd == 1u ? low : uvec4(low.x, high.x, low.y, high.y);
    stepsOut[2u * g + 1u] = EvenOdd == 1u ? high : uvec4(low.z, high.z, low.w, high.w);

    // 3 Value of one step, and of all steps together; what is not finite stays so.
    float unit = top < 0x7f800000u ? absmax / 127.0 : uintBitsToFloat(0x7fc00000u);
    unitsOut[g] = unit;
    sumsOut[g] = unit * float(total.x + total.y + total.z + total.w);
}
