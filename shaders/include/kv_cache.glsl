// Reading of cached keys and values for attention_tile.glsl, as floats.
// Needs: W, R, First, Pairs of the push constants. Defines the bindings of kv_bindings.glsl.
// KV_F16, KV_Q8 or neither (F32); VALUES_ONLY: keys are rebuilt from values.
#if defined(KV_F16)
#define KEY uvec4
#define VALUE uvec2
#elif defined(KV_Q8)
#define KEY uvec2
#define VALUE uint
#else
#define KEY mat2x4
#define VALUE vec4
#endif
#define HEAD W
#include "kv_bindings.glsl"

// Four columns of a value, from column 4 c4 on.
vec4 value4(uint row, uint c4)
{
    VALUE word = values[row * (W / 4u) + c4];
#if defined(KV_F16)
    return vec4(unpackHalf2x16(word.x), unpackHalf2x16(word.y));
#elif defined(KV_Q8)
    return bytes_of(word) * SCALE(valueScales, row, c4 / 8u);
#else
    return word;
#endif
}

#ifdef VALUES_ONLY
// Eight columns of the key of position j. Pairs that do not rotate lack the norm's weight, which is in the queries.
void key8(uint row, uint j, uint c4, out vec4 a, out vec4 b)
{
    a = value4(row, c4);
    b = value4(row, c4 + W / 8u);
    if (c4 < Pairs / 4u) rotate_pair(j, c4, a, b);
}
#else
// Eight columns of a key; its position is of no use.
void key8(uint row, uint j, uint c8, out vec4 a, out vec4 b)
{
    KEY word = keys[row * (W / 8u) + c8];
#if defined(KV_F16)
    a = vec4(unpackHalf2x16(word.x), unpackHalf2x16(word.y));
    b = vec4(unpackHalf2x16(word.z), unpackHalf2x16(word.w));
#elif defined(KV_Q8)
    float scale = SCALE(keyScales, row, c8 / 4u);
    a = bytes_of(word.x) * scale;
    b = bytes_of(word.y) * scale;
#else
    a = word[0];
    b = word[1];
#endif
}
#endif

// Bound row of position j of KV head kv; Count or more when the row is in another chunk.
uint row_of(uint kv, uint j) { return kv * R + j % R - First; }
