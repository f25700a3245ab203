// Operands of mat_matrix_f16.glsl for float rows: weights that are exact in F16, and each number of a row as two halves.
//
// Assumptions     BF16 weights are below 4096 in size; those below 5e-7 lose bits
// Why             two halves have 22 bits, so that the result is as right as in F32, and two products cost less than one outside of
//                 the units. Codes of F8E4M3 are halves as they are, with the row's scale applied at the end.
#define DATA_BINDING 0
#define SCALE_BINDING 1
#include "weights.glsl"
layout(set = 0, binding = 2, std430) readonly buffer X { vec4 x[]; };

#ifdef WEIGHT_BF16
const float Raise = 16.0;
#else
const float Raise = 1.0;
#endif
const uint RaiseTo = 267u;    // the largest number comes to 2^13 .. 2^14
const uint TopColumns = 4u;
const uint RowStride = 8u * Deep + 1u;  // upper halves, lower halves
const uint WeightItems = (TileN * 4u * Deep + Invocations - 1u) / Invocations;
const uint RowItems = (TileT * 4u * Deep + Invocations - 1u) / Invocations;

shared uvec4 wTile[Tiles * TileN * Stride];
shared uvec4 xTile[Tiles * TileT * RowStride];

// What was read and is not in shared memory yet.
uvec4 wNext[WeightItems];
vec4 xFirst[RowItems], xSecond[RowItems];

uint top_of(uint row, uint c)
{
    uvec4 bits = floatBitsToUint(x[row * (K / 4u) + c]) & 0x7fffffffu;
    return max(max(bits.x, bits.y), max(bits.z, bits.w));
}

float column_scale(uint n) { return group_scale(n, 0u, K); }

uvec4 packed(f16vec4 a, f16vec4 b) { return uvec4(packFloat2x16(a.xy), packFloat2x16(a.zw), packFloat2x16(b.xy), packFloat2x16(b.zw)); }

// The part of a number that F16 holds exactly. Not a conversion there and back, which drivers take for nothing.
vec4 upper_of(vec4 v) { return uintBitsToFloat(floatBitsToUint(v) & 0xffffe000u); }

// Rows beyond the edge repeat the last one and are not stored; columns beyond the last repeat some, and their rows are zeros.
void fetch(uint n0, uint t0, uint g)
{
    uint id = gl_LocalInvocationID.x;
    [[unroll]] for (uint i = 0; i < WeightItems; i++)
    {
        uint at = id + i * Invocations;
        vec4 a, b;
        weights8(min(n0 + at / (4u * Deep), N - 1u), min(4u * g + at % (4u * Deep), K / 8u - 1u), K, a, b);
        wNext[i] = packed(f16vec4(a * Raise), f16vec4(b * Raise));
    }

    [[unroll]] for (uint i = 0; i < RowItems; i++)
    {
        uint at = id + i * Invocations;
        uint from = (First + min(t0 + at / (4u * Deep), T - 1u)) * (K / 4u) + 2u * min(4u * g + at % (4u * Deep), K / 8u - 1u);
        xFirst[i] = x[from];
        xSecond[i] = x[from + 1u];
    }
}

void place(uint n0, uint g, uint tile)
{
    uint id = gl_LocalInvocationID.x;
    [[unroll]] for (uint i = 0; i < WeightItems; i++)
    {
        uint at = id + i * Invocations;
        if (at < TileN * 4u * Deep) wTile[(tile * TileN + at / (4u * Deep)) * Stride + at % (4u * Deep)] = wNext[i];
    }

    [[unroll]] for (uint i = 0; i < RowItems; i++)
    {
        uint at = id + i * Invocations, row = at / (4u * Deep), column = at % (4u * Deep);
        if (at < TileT * 4u * Deep)
        {
            uint to = (tile * TileT + row) * RowStride + column;
            float scaling = 4u * g + column < K / 8u ? power[row] : 0.0;
            vec4 a = xFirst[i] * scaling, b = xSecond[i] * scaling;
            vec4 upperA = upper_of(a), upperB = upper_of(b);
            xTile[to] = packed(f16vec4(upperA), f16vec4(upperB));
            xTile[to + 4u * Deep] = packed(f16vec4(a - upperA), f16vec4(b - upperB));
        }
    }
}
