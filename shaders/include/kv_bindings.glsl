// A cache as attention is given it: mirror of src/GemmaVk.Kernels/KvRows.cs and KeysFromValues.cs.
// Needs: HEAD, the head's width; VALUE and KEY, what a row's columns are fetched in; First, Pairs of the push constants. Defines bindings 1, 2 and 6 to 10.
// KV_F16, KV_Q8 or neither (F32); VALUES_ONLY: there are no keys, they are rebuilt from values.
#include "quant_bytes.glsl"
#include "bf16.glsl"

layout(set = 0, binding = 2, std430) readonly buffer Values { VALUE values[]; };
#ifdef KV_Q8
layout(set = 0, binding = 7, std430) readonly buffer ValueScales { uint valueScales[]; };
#endif

// Scale of group g of a bound row. Scales are bound whole, data in chunks.
#define SCALE(scales, row, g) bf16_of(scales[((row + First) * (HEAD / 32u) + g) >> 1], (row + First) * (HEAD / 32u) + g)

// Eight columns of a query or key are two vectors of four: neighbours, or with values only one below the middle of the head and its partner.
#ifdef VALUES_ONLY
#include "key_rotation.glsl"

uint first_half(uint c8) { return c8; }
uint second_half(uint c8) { return c8 + HEAD / 8u; }
#else
layout(set = 0, binding = 1, std430) readonly buffer Keys { KEY keys[]; };
#ifdef KV_Q8
layout(set = 0, binding = 6, std430) readonly buffer KeyScales { uint keyScales[]; };
#endif

vec4 query_weight(uint c4) { return vec4(1.0); }

uint first_half(uint c8) { return 2u * c8; }
uint second_half(uint c8) { return 2u * c8 + 1u; }
#endif
