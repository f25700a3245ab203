// Cached keys and values for matrix units, eight columns at a time as halves, as kv_cache.glsl brings floats.
// Needs: Width, packed(); R, First, Count, Pairs of the push constants. Defines the bindings of kv_bindings.glsl.
// KV_F16 or KV_Q8; VALUES_ONLY: keys are rebuilt from values. Eight columns then come as four below the middle of the head and their partners.
// Fetching is apart from making halves, so that rows can be on their way from memory while others are multiplied.
#if defined(KV_F16) && defined(VALUES_ONLY)
#define VALUE uvec2
#elif defined(KV_F16)
#define VALUE uvec4
#elif defined(VALUES_ONLY)
#define VALUE uint
#else
#define VALUE uvec2
#endif
#define KEY VALUE
#define HEAD Width
#include "kv_bindings.glsl"

// Eight columns as they lie in the cache.
struct Eight
{
    VALUE a;
#ifdef VALUES_ONLY
    VALUE b;
#endif
#ifdef KV_Q8
    float scale;
#ifdef VALUES_ONLY
    float partnersScale;
#endif
#endif
};

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
// A key as it lies in the cache.
#define KEY_EIGHT value_eight

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
#endif

// Bound row of position j of KV head kv, one of a block that begins with position `start` in slot `slot` and is no longer than the cache; Count or more
// when the row is in another chunk.
uint row_of(uint kv, uint start, uint slot, uint j)
{
    uint at = slot + j - start;
    return kv * R + (at < R ? at : at - R) - First;
}
