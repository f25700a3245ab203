// Reading of cached keys and values for attention_tile.glsl: mirror of src/GemmaVk.Kernels/KvRows.cs and KeysFromValues.cs.
// Needs: W, R, First, Pairs of the push constants. Defines bindings 1, 2 and 6 to 10.
// KV_F16, KV_Q8 or neither (F32); VALUES_ONLY: keys are rebuilt from values.
#include "quant_bytes.glsl"
#include "bf16.glsl"

#if defined(KV_F16)
#define KEY8 uvec4
#define VALUE4 uvec2
#elif defined(KV_Q8)
#define KEY8 uvec2
#define VALUE4 uint
layout(set = 0, binding = 7, std430) readonly buffer ValueScales { uint valueScales[]; };
#else
#define KEY8 mat2x4
#define VALUE4 vec4
#endif
layout(set = 0, binding = 2, std430) readonly buffer Values { VALUE4 values[]; };

// Scale of group g of a bound row. Scales are bound whole, data in chunks.
#define SCALE(scales, row, g) bf16_of(scales[((row + First) * (W / 32u) + g) >> 1], (row + First) * (W / 32u) + g)

// Four columns of a value, from column 4 c4 on.
vec4 value4(uint row, uint c4)
{
    VALUE4 word = values[row * (W / 4u) + c4];
#if defined(KV_F16)
    return vec4(unpackHalf2x16(word.x), unpackHalf2x16(word.y));
#elif defined(KV_Q8)
    return bytes_of(word) * SCALE(valueScales, row, c4 / 8u);
#else
    return word;
#endif
}

#ifdef VALUES_ONLY
#define HEAD W
#include "key_rotation.glsl"

// Eight columns come as four below the middle of the head, in vector c8, and their partners W/2 columns further on.
uint first_half(uint c8) { return c8; }
uint second_half(uint c8) { return c8 + W / 8u; }

// Those columns of the key of position j. Pairs that do not rotate lack the norm's weight, which is in the queries.
void key8(uint row, uint j, uint c4, out vec4 a, out vec4 b)
{
    a = value4(row, c4);
    b = value4(row, c4 + W / 8u);
    if (c4 < Pairs / 4u) rotate_pair(j, c4, a, b);
}
#else
layout(set = 0, binding = 1, std430) readonly buffer Keys { KEY8 keys[]; };
#ifdef KV_Q8
layout(set = 0, binding = 6, std430) readonly buffer KeyScales { uint keyScales[]; };
#endif

// Eight columns come as neighbours: vectors 2 c8 and 2 c8 + 1.
uint first_half(uint c8) { return 2u * c8; }
uint second_half(uint c8) { return 2u * c8 + 1u; }

// Those columns of a key; its position is of no use.
void key8(uint row, uint j, uint c8, out vec4 a, out vec4 b)
{
    KEY8 word = keys[row * (W / 8u) + c8];
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

vec4 query_weight(uint c4) { return vec4(1.0); }
#endif

// Bound row of position j of KV head kv; Count or more when the row is in another chunk.
uint row_of(uint kv, uint j) { return kv * R + j % R - First; }
