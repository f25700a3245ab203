// Cached rows for matrix units, slice by slice: eight neighbouring columns as they are kept, which a register holds until they are wanted, and as halves.
// Needs: Width, KeySlice, packed(); First, Pairs of the push constants. Defines the bindings of kv_bindings.glsl, and what a vector of a slice of keys is:
// KeyUnit of them are taken together, and column8 says which eight columns of the head they are.
#if defined(KV_F16)
#define VALUE uvec4
#else
#define VALUE uvec2
#endif
#define KEY VALUE
#define HEAD Width
#include "kv_bindings.glsl"

uvec4 kept_value(uint row, uint c8)
{
#if defined(KV_F16)
    return values[row * (Width / 8u) + c8];
#else
    return uvec4(values[row * (Width / 8u) + c8], floatBitsToUint(SCALE(valueScales, row, c8 / 4u)), 0u);
#endif
}

// Halves of what was kept: the bits themselves, or scaled bytes.
uvec4 halves_of(uvec4 kept)
{
#if defined(KV_F16)
    return kept;
#else
    return packed(bytes_of(kept.x) * uintBitsToFloat(kept.z), bytes_of(kept.y) * uintBitsToFloat(kept.z));
#endif
}

#ifdef VALUES_ONLY
// The first half of a slice lies below the middle of the head, its partners in the second half W/2 columns further on.
const uint KeyUnit = 2u;
const uint UnitsPerKey = KeySlice / 2u;

uint column8(uint v)
{
    uint at = v % KeySlice;
    return v / KeySlice * UnitsPerKey + at % UnitsPerKey + (at < UnitsPerKey ? 0u : Width / 16u);
}

// Four columns of what was kept.
vec4 four_of(uvec4 kept, uint quarter)
{
#if defined(KV_F16)
    uvec2 word = quarter == 0u ? kept.xy : kept.zw;
    return vec4(unpackHalf2x16(word.x), unpackHalf2x16(word.y));
#else
    return bytes_of(quarter == 0u ? kept.x : kept.y) * uintBitsToFloat(kept.z);
#endif
}

// The key's columns of position j, from eight values and their partners. Pairs that do not rotate lack the norm's weight, which is in the queries.
void rebuild(uvec4 a, uvec4 b, uint j, uint c8, out uvec4 keyA, out uvec4 keyB)
{
    keyA = halves_of(a);
    keyB = halves_of(b);
    if (2u * c8 >= Pairs / 4u) return;
    vec4 x[2], y[2];
    [[unroll]] for (uint i = 0; i < 2u; i++)
    {
        uint c4 = 2u * c8 + i;
        x[i] = four_of(a, i);
        y[i] = four_of(b, i);
        if (c4 < Pairs / 4u) rotate_pair(j, c4, x[i], y[i]);
    }

    keyA = packed(x[0], x[1]);
    keyB = packed(y[0], y[1]);
}
#else
const uint KeyUnit = 1u;
const uint UnitsPerKey = KeySlice;

uint column8(uint v) { return v; }

uvec4 kept_key(uint row, uint c8)
{
#if defined(KV_F16)
    return keys[row * (Width / 8u) + c8];
#else
    return uvec4(keys[row * (Width / 8u) + c8], floatBitsToUint(SCALE(keyScales, row, c8 / 4u)), 0u);
#endif
}
#endif
