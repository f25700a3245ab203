// Operands of mat_matrix_f16.glsl for INT8 rows: weights and rows as halves, already times the scale of their group.
//
// Assumptions     weights are below 1023 in size; those whose scale is below 1e-6 lose bits. A group of a row whose step is 2^22 times smaller
//                 than the row's largest loses bits too
// Why             an integer becomes the half 1024 + integer by its bits alone, two at a time. Columns of a group lie in the order that this gives, the same one
//                 for weights and rows: bytes 0, 2, 1 and 3 of a word, and the words of low before those of high. An invocation reads a
//                 group of weights, or one of the two vectors of a row's group, so that neighbours read what lies side by side.
#include "mat_group.glsl"

const float Raise = 64.0;
const uint RaiseTo = 261u;    // the largest step comes to 2^7 .. 2^8
const uint TopColumns = 32u;
const uint RowStride = Stride;
const uint WeightItems = (TileN * Deep + Invocations - 1u) / Invocations;
const uint RowItems = (TileT * 2u * Deep + Invocations - 1u) / Invocations;

shared uvec4 wTile[Tiles * TileN * Stride];
shared uvec4 xTile[Tiles * TileT * RowStride];

#if defined(WEIGHT_Q6K)
const float Bias = 1056.0;
#elif defined(WEIGHT_K)
const float Bias = 1024.0;
#elif defined(WEIGHT_Q4)
const float Bias = 1032.0;
#else
const float Bias = 1152.0;
#endif

// What was read and is not in shared memory yet.
uvec4 wLow[WeightItems];
#ifndef WEIGHT_Q4
uvec4 wHigh[WeightItems];
#endif
#ifdef WEIGHT_K
vec2 wScale[WeightItems];
#else
uint wScale[WeightItems];
#endif
uvec4 xBytes[RowItems];
float xStep[RowItems];

uint top_of(uint row, uint c) { return floatBitsToUint(d[row * (K / 32u) + c]); }

float column_scale(uint n) { return 1.0; }

// Rows beyond the edge repeat the last one and are not stored; groups beyond the last repeat it, and their rows are zeros.
uint weights_at(uint n, uint g) { return min(n, N - 1u) * (K / 32u) + min(g, K / 32u - 1u); }

void fetch(uint n0, uint t0, uint g)
{
    uint id = gl_LocalInvocationID.x;
    [[unroll]] for (uint i = 0; i < WeightItems; i++)
    {
        uint at = id + i * Invocations;
        uint from = weights_at(n0 + at / Deep, g + at % Deep);
#if defined(WEIGHT_K)
        wScale[i] = group_of(from, wLow[i], wHigh[i]);
#elif defined(WEIGHT_Q4)
        wLow[i] = WEIGHT_AT(from);
        wScale[i] = SCALE_AT(from >> 1);
#else
        wLow[i] = WEIGHT_AT(2u * from);
        wHigh[i] = WEIGHT_AT(2u * from + 1u);
        wScale[i] = SCALE_AT(from >> 1);
#endif
    }

    [[unroll]] for (uint i = 0; i < RowItems; i++)
    {
        uint at = id + i * Invocations, part = at % (2u * Deep);
        uint from = (First + min(t0 + at / (2u * Deep), T - 1u)) * (K / 32u) + min(g + part / 2u, K / 32u - 1u);
        xBytes[i] = x[2u * from + part % 2u];
        xStep[i] = d[from];
    }
}

// Bytes 0 and 2, and 1 and 3, as halves 1024 + byte.
uvec2 halves_of(uint word) { return (uvec2(word, word >> 8) & 0x00ff00ffu) | 0x64006400u; }

// Four bytes of 0 .. 255 less what was added to them.
#ifdef WEIGHT_K
uvec2 weights_of(uint word, float step, float minimum)
{
    uvec2 bits = halves_of(word);
    vec2 a = vec2(unpackFloat2x16(bits.x) - f16vec2(Bias)), b = vec2(unpackFloat2x16(bits.y) - f16vec2(Bias));
    return uvec2(packFloat2x16(f16vec2(fma(a, vec2(step), vec2(-minimum)))), packFloat2x16(f16vec2(fma(b, vec2(step), vec2(-minimum)))));
}
#endif

uvec2 steps_of(uint word, float16_t bias, float16_t step)
{
    uvec2 bits = halves_of(word);
    return uvec2(packFloat2x16((unpackFloat2x16(bits.x) - bias) * step), packFloat2x16((unpackFloat2x16(bits.y) - bias) * step));
}

void place(uint n0, uint g, uint tile)
{
    uint id = gl_LocalInvocationID.x;
    [[unroll]] for (uint i = 0; i < WeightItems; i++)
    {
        uint at = id + i * Invocations, row = at / Deep, deep = at % Deep;
        if (at < TileN * Deep)
        {
            uint to = (tile * TileN + row) * Stride + 4u * deep;
#if defined(WEIGHT_K)
            vec2 scale = wScale[i] * Raise;
#ifdef WEIGHT_Q6K
            vec2 rest = vec2(scale.y, 0.0);
            scale.y = 0.0;
#else
            vec2 rest = scale;
#endif
            wTile[to] = uvec4(weights_of(wLow[i].x, scale.x, scale.y), weights_of(wLow[i].y, scale.x, scale.y));
            wTile[to + 1u] = uvec4(weights_of(wLow[i].z, rest.x, rest.y), weights_of(wLow[i].w, rest.x, rest.y));
            wTile[to + 2u] = uvec4(weights_of(wHigh[i].x, scale.x, scale.y), weights_of(wHigh[i].y, scale.x, scale.y));
            wTile[to + 3u] = uvec4(weights_of(wHigh[i].z, rest.x, rest.y), weights_of(wHigh[i].w, rest.x, rest.y));
#else
            float16_t step = float16_t(scale_of(wScale[i], weights_at(n0 + row, g + deep)) * Raise), bias = float16_t(Bias);
#ifdef WEIGHT_Q4
            uvec4 low = wLow[i] & 0x0f0f0f0fu, high = (wLow[i] >> 4) & 0x0f0f0f0fu;
#else
            uvec4 low = wLow[i] ^ 0x80808080u, high = wHigh[i] ^ 0x80808080u;
#endif
            wTile[to] = uvec4(steps_of(low.x, bias, step), steps_of(low.y, bias, step));
            wTile[to + 1u] = uvec4(steps_of(low.z, bias, step), steps_of(low.w, bias, step));
            wTile[to + 2u] = uvec4(steps_of(high.x, bias, step), steps_of(high.y, bias, step));
            wTile[to + 3u] = uvec4(steps_of(high.z, bias, step), steps_of(high.w, bias, step));
#endif
        }
    }

    [[unroll]] for (uint i = 0; i < RowItems; i++)
    {
        uint at = id + i * Invocations, row = at / (2u * Deep), part = at % (2u * Deep);
        if (at < TileT * 2u * Deep)
        {
            uint to = (tile * TileT + row) * RowStride + 2u * part;
            float16_t step = float16_t(g + part / 2u < K / 32u ? xStep[i] * power[row] : 0.0), bias = float16_t(1152.0);
            uvec4 bytes = xBytes[i] ^ 0x80808080u;
            xTile[to] = uvec4(steps_of(bytes.x, bias, step), steps_of(bytes.y, bias, step));
            xTile[to + 1u] = uvec4(steps_of(bytes.z, bias, step), steps_of(bytes.w, bias, step));
        }
    }
}
