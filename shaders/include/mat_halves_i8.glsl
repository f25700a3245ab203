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
// Rows that a workgroup reads at once, and how often it has to. An invocation has the same columns each time, so its addresses differ by constants.
const uint WeightStep = Invocations / Deep;
const uint WeightItems = (TileN + WeightStep - 1u) / WeightStep;
const uint RowStep = Invocations / (2u * Deep);
const uint RowItems = (TileT + RowStep - 1u) / RowStep;

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
GroupWords words[WeightItems];
uvec4 xBytes[RowItems];
float xStep[RowItems];

uint top_of(uint row, uint c) { return floatBitsToUint(d[row * (K / 32u) + c]); }

float column_scale(uint n) { return 1.0; }

// Rows beyond the edge repeat the last one and are not stored; groups beyond the last repeat it, and their rows are zeros.
uint weights_at(uint n) { return min(n, N - 1u) * (K / 32u); }

void fetch(uint n0, uint t0, uint g)
{
    uint id = gl_LocalInvocationID.x, last = K / 32u - 1u;
    uint group = min(g + id % Deep, last);
    [[unroll]] for (uint i = 0; i < WeightItems; i++) words[i] = words_of(weights_at(n0 + id / Deep + i * WeightStep) + group);
    uint part = id % (2u * Deep);
    group = min(g + part / 2u, last);
    [[unroll]] for (uint i = 0; i < RowItems; i++)
    {
        uint from = (First + min(t0 + id / (2u * Deep) + i * RowStep, T - 1u)) * (K / 32u) + group;
        xBytes[i] = x[2u * from + part % 2u];
        xStep[i] = d[from];
    }
}

// Bytes 0 and 2, and 1 and 3, as halves 1024 + byte.
uvec2 halves_of(uint word) { return (uvec2(word, word >> 8) & 0x00ff00ffu) | 0x64006400u; }

// Four bytes of 0 .. 255, less what was added to them, times a step: rounded once.
uvec2 steps_of(uint word, float16_t bias, float16_t step)
{
    uvec2 bits = halves_of(word);
    return uvec2(packFloat2x16((unpackFloat2x16(bits.x) - bias) * step), packFloat2x16((unpackFloat2x16(bits.y) - bias) * step));
}

#ifdef WEIGHT_K
// The same in F32, where steps have more digits than halves, less a minimum.
uvec2 steps_of(uint word, float step, float minimum)
{
    uvec2 bits = halves_of(word);
    vec2 a = vec2(unpackFloat2x16(bits.x) - float16_t(Bias)), b = vec2(unpackFloat2x16(bits.y) - float16_t(Bias));
    return uvec2(packFloat2x16(f16vec2(fma(a, vec2(step), vec2(-minimum)))), packFloat2x16(f16vec2(fma(b, vec2(step), vec2(-minimum)))));
}
#endif

// Two words of a group's bytes; of Q6K the words of its first and of its second half have scales of their own.
uvec4 weights_of(uvec2 bytes, GROUP_SCALE scale, uint part)
{
#if defined(WEIGHT_Q6K)
    return uvec4(steps_of(bytes.x, scale[part], 0.0), steps_of(bytes.y, scale[part], 0.0));
#elif defined(WEIGHT_K)
    return uvec4(steps_of(bytes.x, scale.x, scale.y), steps_of(bytes.y, scale.x, scale.y));
#else
    float16_t step = float16_t(scale), bias = float16_t(Bias);
    return uvec4(steps_of(bytes.x, bias, step), steps_of(bytes.y, bias, step));
#endif
}

void place(uint n0, uint g, uint tile)
{
    uint id = gl_LocalInvocationID.x;
    uint group = min(g + id % Deep, K / 32u - 1u);
    [[unroll]] for (uint i = 0; i < WeightItems; i++)
    {
        uint row = id / Deep + i * WeightStep;
        if (TileN % WeightStep == 0u || row < TileN)
        {
            uint to = (tile * TileN + row) * Stride + 4u * (id % Deep);
            uvec4 low, high;
            GROUP_SCALE scale = group_of(words[i], weights_at(n0 + row) + group, low, high) * Raise;
#ifdef WEIGHT_Q8
            // Signed bytes as 0 .. 255.
            low ^= 0x80808080u;
            high ^= 0x80808080u;
#endif
            wTile[to] = weights_of(low.xy, scale, 0u);
            wTile[to + 1u] = weights_of(low.zw, scale, 1u);
            wTile[to + 2u] = weights_of(high.xy, scale, 0u);
            wTile[to + 3u] = weights_of(high.zw, scale, 1u);
        }
    }

    uint part = id % (2u * Deep);
    bool whole = g + part / 2u < K / 32u;
    [[unroll]] for (uint i = 0; i < RowItems; i++)
    {
        uint row = id / (2u * Deep) + i * RowStep;
        if (TileT % RowStep == 0u || row < TileT)
        {
            uint to = (tile * TileT + row) * RowStride + 2u * part;
            float16_t step = float16_t(whole ? xStep[i] * power[row] : 0.0), bias = float16_t(1152.0);
            uvec4 bytes = xBytes[i] ^ 0x80808080u;
            xTile[to] = uvec4(steps_of(bytes.x, bias, step), steps_of(bytes.y, bias, step));
            xTile[to + 1u] = uvec4(steps_of(bytes.z, bias, step), steps_of(bytes.w, bias, step));
        }
    }
}
