// Chooses one token per row of logits. Spec and reference: src/GemmaVk.Kernels/Sample.cs
//
// Bindings        0 logits [T, V] float, read and written    1 positions [T] int, read    2 ids [T] int, written    3 suppress [S] int, read
//                 4 allowed [T, ceil(V / 32)] uint, read where Masked is 1: bit i mod 32 of word i / 32 for id i
//                 5 blocks [T, parts, subgroups of a workgroup] (key, id), read and written: the largest logit of each, with its lowest id
//                 6 counters [T], zero between dispatches
// Push constants  V vocabulary, TopK, Temperature, TopP, MinP, SeedLow and SeedHigh as in Sample.Choice;
//                 Row0 first row of logits, positions, ids and allowed; Ahead: rows that ids go further on;
//                 S suppressed ids; Segment: logits of a part, a multiple of 1024, at most 32768; Masked: 1 where allowed is read
// Specialization  none
// Mapping         a workgroup of 256 owns a part of a row, a subgroup a block of it: those logits that it reads. The workgroup that ends a row's last
//                 part chooses
// Dispatch        x = parts of a row, at most 2048 / subgroups of a workgroup; y = T
// Assumptions     V is at most 2^20, so that 12-bit parts of probabilities add up in 32 bits
// Why             a row of logits is a megabyte, which one workgroup would read alone for longer than all others together
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
#include "math.glsl"
#include "philox.glsl"

layout(local_size_x = 256) in;
layout(set = 0, binding = 0, std430) coherent buffer Logits { float logits[]; };
layout(set = 0, binding = 1, std430) readonly buffer Positions { int positions[]; };
layout(set = 0, binding = 2, std430) writeonly buffer Ids { int ids[]; };
layout(set = 0, binding = 3, std430) readonly buffer Suppress { int suppress[]; };
layout(set = 0, binding = 4, std430) readonly buffer Allowed { uint allowed[]; };
layout(set = 0, binding = 5, std430) coherent buffer Blocks { uvec2 blocks[]; };
layout(set = 0, binding = 6, std430) coherent buffer Counters { uint counters[]; };
layout(push_constant) uniform Push
{
    uint V; uint TopK; float Temperature; float TopP; float MinP; uint SeedLow; uint SeedHigh; uint Row0; uint Ahead; uint S; uint Segment; uint Masked;
};

const uint LANES = 256u;
const uint BLOCKS = 8u;                // blocks of a row for each invocation
const uint LOWEST_KEY = 0x007fffffu;   // of minus infinity
const uint UNKNOWN_KEY = 0xffffffffu;  // of NaN and infinity: above all others

shared uint open[1024];                // a bit per id of a part: it may be drawn
shared uint chosen;
shared uint largestKeys[64];           // one per subgroup
shared uint largestIds[64];

uint row;

// A logit after temperature; minus zero becomes zero, because keys tell them apart and comparisons do not.
float tempered(float l)
{
    l = Temperature == 0.0 ? l : l / Temperature;
    return l == 0.0 ? 0.0 : l;
}

float logit(uint i) { return tempered(logits[row + i]); }

#include "sample_bins.glsl"
#include "sample_all.glsl"
#include "sample_few.glsl"
#include "last_workgroup.glsl"

void main()
{
    uint lane = gl_LocalInvocationID.x;
    uint t = Row0 + gl_WorkGroupID.y;
    row = t * V;
    uint from = gl_WorkGroupID.x * Segment;
    uint to = min(from + Segment, V);
    uint place = gl_SubgroupID * gl_SubgroupSize + gl_SubgroupInvocationID;

    // 1 Which ids of the part may be drawn; its first logits are on their way meanwhile.
    float l[4];
    [[unroll]] for (uint i = 0; i < 4u; i++) l[i] = from + i * LANES + place < to ? logits[row + from + i * LANES + place] : 0.0;
    uint words = (V + 31u) / 32u;
    for (uint w = lane; w < Segment / 32u; w += LANES) open[w] = Masked == 1u && from / 32u + w < words ? allowed[t * words + from / 32u + w] : 0xffffffffu;
    barrier(); // the mask is there
    for (uint s = lane; s < S; s += LANES)
    {
        uint id = uint(suppress[s]);
        if (id >= from && id < to) atomicAnd(open[(id - from) / 32u], ~(1u << (id & 31u)));
    }

    barrier(); // suppressed ids are out

    // 2 The largest logit of each block, and its lowest id. NaN and infinity are told by their bits: then nothing can be drawn.
    uint key = 0u;
    uint id = 0xffffffffu;
    for (uint base = from; base < to; base += 4u * LANES)
    {
        [[unroll]] for (uint i = 0; i < 4u; i++)
        {
            uint at = base + i * LANES + place;
            if (at >= to) continue;
            if ((open[(at - from) / 32u] >> (at & 31u) & 1u) == 0u)
            {
                l[i] = minus_infinity();
                logits[row + at] = l[i];
            }

            uint bits = floatBitsToUint(l[i]);
            bool known = bits != 0x7f800000u && (bits & 0x7fffffffu) <= 0x7f800000u;
            uint own = known ? key_of(tempered(l[i])) : UNKNOWN_KEY;
            id = own > key ? at : id;
            key = max(key, own);
        }

        [[unroll]] for (uint i = 0; i < 4u; i++)
        {
            uint at = base + (4u + i) * LANES + place;
            if (at < to) l[i] = logits[row + at];
        }
    }

    uint top = subgroupMax(key);
    id = subgroupMin(key == top ? id : 0xffffffffu);
    uint count = gl_NumWorkGroups.x * gl_NumSubgroups;
    uint first = gl_WorkGroupID.y * count;
    if (subgroupElect()) blocks[first + gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID] = uvec2(top, id);
    if (!last_of(gl_WorkGroupID.y, gl_NumWorkGroups.x)) return;

    // The row's largest is that of its blocks; greedy ends here.
    uint largest[BLOCKS];
    key = 0u;
    id = 0xffffffffu;
    [[unroll]] for (uint b = 0; b < BLOCKS; b++)
    {
        uvec2 block = lane + b * LANES < count ? blocks[first + lane + b * LANES] : uvec2(0u, 0xffffffffu);
        largest[b] = block.x;
        id = block.x > key || (block.x == key && block.y < id) ? block.y : id;
        key = max(key, block.x);
    }

    top = subgroupMax(key);
    id = subgroupMin(key == top ? id : 0xffffffffu);
    if (subgroupElect())
    {
        largestKeys[gl_SubgroupID] = top;
        largestIds[gl_SubgroupID] = id;
    }

    barrier(); // one candidate per subgroup is written
    for (uint i = 0; i < gl_NumSubgroups; i++)
    {
        id = largestKeys[i] > top || (largestKeys[i] == top && largestIds[i] < id) ? largestIds[i] : id;
        top = max(top, largestKeys[i]);
    }

    // None is left, or one is no number: also after a division by a small temperature.
    bool drawn = top > LOWEST_KEY && top < key_of(uintBitsToFloat(0x7f800000u));
    if (!drawn || Temperature == 0.0)
    {
        if (lane == 0u) ids[t + Ahead] = drawn ? int(id) : -1;
        return;
    }

    // 4 to 8 Among a few that hold all of the k largest, or among all.
    float best = value_of(top);
    uint floorKey = TopK > 0u && TopK < V ? reached_by(TopK, largest) : 0u;
    if (collect(floorKey, largest))
    {
        id = draw_of_few(t, best);
        if (lane == 0u) ids[t + Ahead] = int(id);
        return;
    }

    draw_of_all(t, best, floorKey);
}
