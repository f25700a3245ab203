// Bindings, constants and shared memory of attention_tile.glsl, which says what they are, and its queries.
layout(local_size_x = 128) in;
layout(constant_id = 0) const uint Queries = 1;
layout(constant_id = 1) const uint KeysPerLane = 1;

#include "attention_interface.glsl"

const uint LanesPerKey = Queries > 4u ? Queries / 4u : 1u; // invocations that share a key, each with its own queries
const uint QueriesPerLane = Queries / LanesPerKey;
const uint KeyLanes = 128u / LanesPerKey;
const uint Block = KeysPerLane * KeyLanes;
const uint Span = Queries > 8u ? 32u : 64u; // eights of columns of a query that are in shared memory at a time
const uint Owners = Queries > 8u ? 8u : 16u; // invocations that share a query's weights

shared vec4 query[8 * 128]; // [Queries][Span][2]
shared vec4 score[8 * 64]; // [Queries][Block]: scores, then weights
shared vec2 partial[8 * 16];
shared float rescale[16];

#include "kv_cache.glsl"

// Eights of columns from c8 on of all queries into shared memory.
void take_queries(uint t0, uint tStep, uint h0, uint hStep, uint c8)
{
    for (uint at = gl_LocalInvocationID.x; at < Queries * Span * 2u; at += 128u)
    {
        uint i = at / (Span * 2u);
        uint eight = c8 + (at / 2u) % Span;
        if (eight >= W / 8u) continue;
        uint t = min(t0 + i * tStep, T - 1u);
        uint c = (at & 1u) == 0u ? first_half(eight) : second_half(eight);
        query[at] = q[((Row0 + t) * H + h0 + i * hStep) * (W / 4u) + c] * query_weight(c);
    }
}
