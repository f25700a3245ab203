// Cached keys and values for matrix units, eight columns at a time as halves: mirror of src/GemmaVk.Kernels/KvRows.cs and KeysFromValues.cs, as kv_cache.glsl
// is for floats.
// Needs: Width; R, First, Count, Pairs of the push constants. Defines bindings 1, 2 and 6 to 10.
// KV_F16 or KV_Q8; VALUES_ONLY: keys are rebuilt from values. Eight columns then come as four below the middle of the head and their partners.
// Fetching is apart from making halves, so that rows can be on their way from memory while others are multiplied.
#include "quant_bytes.glsl"
#include "bf16.glsl"

#if defined(KV_F16) && defined(VALUES_ONLY)
#define WORD uvec2
#elif defined(KV_F16)
#define WORD uvec4
#elif defined(VALUES_ONLY)
#define WORD uint
#else
#define WORD uvec2
#endif

layout(set = 0, binding = 2, std430) readonly buffer Values { WORD values[]; };
#ifdef KV_Q8
layout(set = 0, binding = 7, std430) readonly buffer ValueScales { uint valueScales[]; };
// Scale of group g of a bound row. Scales are bound whole, data in chunks.
#define SCALE(scales, row, g) bf16_of(scales[((row + First) * (Width / 32u) + g) >> 1], (row + First) * (Width / 32u) + g)
#endif

// Eight columns as they lie in the cache.
struct Eight
{
    WORD a;
#ifdef VALUES_ONLY
    WORD b;
#endif
#ifdef KV_Q8
    float scale;
#ifdef VALUES_ONLY
    float partnersScale;
#endif
#endif
};

uvec4 packed(vec4 v, vec4 w)
{
    f16vec4 a = f16vec4(v), b = f16vec4(w);
    return uvec4(packFloat2x16(a.xy), packFloat2x16(a.zw), packFloat2x16(b.xy), packFloat2x16(b.zw));
}

Eight value_eight(uint row, uint c8)
{
    Eight e;
#ifdef VALUES_ONLY
    e.a = values[row * (Width / 4u) + c8];
    e.b = values[row * (Width / 4u) + c8 + Width / 8u];
#ifdef KV_Q8
    e.scale = SCALE(valueScales, row, c8 / 8u);
    e.partnersScale = SCALE(valueScales, row, (c8 + Width / 8u) / 8u);
#endif
#else
    e.a = values[row * (Width / 8u) + c8];
#ifdef KV_Q8
    e.scale = SCALE(valueScales, row, c8 / 4u);
#endif
#endif
    return e;
}

uvec4 value_halves(Eight e)
{
#if defined(KV_F16) && defined(VALUES_ONLY)
    return uvec4(e.a, e.b);
#elif defined(KV_F16)
    return e.a;
#elif defined(VALUES_ONLY)
    return packed(bytes_of(e.a) * e.scale, bytes_of(e.b) * e.partnersScale);
#else
    return packed(bytes_of(e.a.x) * e.scale, bytes_of(e.a.y) * e.scale);
#endif
}

#ifdef VALUES_ONLY
#define HEAD Width
#include "key_rotation.glsl"

// A key as it lies in the cache.
#define KEY_EIGHT value_eight

uint first_half(uint c8) { return c8; }
uint second_half(uint c8) { return c8 + Width / 8u; }

// The key of position j. Pairs that do not rotate lack the norm's weight, which is in the queries.
uvec4 key_halves(Eight e, uint j, uint c8)
{
    if (c8 >= Pairs / 4u) return value_halves(e);
#ifdef KV_F16
    vec4 a = vec4(unpackHalf2x16(e.a.x), unpackHalf2x16(e.a.y));
    vec4 b = vec4(unpackHalf2x16(e.b.x), unpackHalf2x16(e.b.y));
#else
    vec4 a = bytes_of(e.a) * e.scale;
    vec4 b = bytes_of(e.b) * e.partnersScale;
#endif
    rotate_pair(j, c8, a, b);
    return packed(a, b);
}
#else
layout(set = 0, binding = 1, std430) readonly buffer Keys { WORD keys[]; };
#ifdef KV_Q8
layout(set = 0, binding = 6, std430) readonly buffer KeyScales { uint keyScales[]; };
#endif

uint first_half(uint c8) { return 2u * c8; }
uint second_half(uint c8) { return 2u * c8 + 1u; }

#define KEY_EIGHT key_eight
Eight key_eight(uint row, uint c8)
{
    Eight e;
    e.a = keys[row * (Width / 8u) + c8];
#ifdef KV_Q8
    e.scale = SCALE(keyScales, row, c8 / 4u);
#endif
    return e;
}

uvec4 key_halves(Eight e, uint j, uint c8) { return value_halves(e); }

vec4 query_weight(uint c4) { return vec4(1.0); }
#endif

// Bound row of position j of KV head kv, one of a block that begins with position `start` in slot `slot` and is no longer than the cache; Count or more
// when the row is in another chunk.
uint row_of(uint kv, uint start, uint slot, uint j)
{
    uint at = slot + j - start;
    return kv * R + (at < R ? at : at - R) - First;
}
