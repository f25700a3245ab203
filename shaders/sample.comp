// Chooses one token per row of logits. Spec and reference: src/GemmaVk.Kernels/Sample.cs
//
// Bindings        0 logits [T, V] float, read and written    1 positions [T] int, read    2 ids [T] int, written    3 suppress [S] int, read
//                 4 allowed [T, ceil(V / 32)] uint, read where Masked is 1: bit i mod 32 of word i / 32 for id i
//                 5 blocks [T, parts * (subgroups of a workgroup + 1)] (key, id), read and written: the largest logit of each block, with its lowest
//                 id, and behind a row's blocks the largest of each part with a sum
//                 6 counters [T], zero between dispatches
// Push constants  V vocabulary, TopK, Temperature, TopP, MinP, SeedLow and SeedHigh as in Sample.Choice;
//                 Row0 first row of logits, positions, ids and allowed; Ahead: rows that ids go further on;
//                 S suppressed ids; Segment: logits of a part, a multiple of 1024; Masked: 1 where allowed is read
// Specialization  0 Draws: 0 where Temperature is 0, 1 where not: some drivers run what a branch leaves out, so greedy is a form without the rest
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
layout(constant_id = 0) const uint Draws = 1;
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

shared uint chosen;
shared uint largestKeys[64];           // one per subgroup
shared uint largestIds[64];

uint row;

// A logit after temperature; minus zero becomes zero, because keys tell them apart and comparisons do not.
float tempered(float l)
{
    l = Draws == 0u ? l : l / Temperature;
    return l == 0.0 ? 0.0 : l;
}

float logit(uint i) { return tempered(logits[row + i]); }

// The ids that an invocation reads in a round, of which the first is base; where there are no more of them the first stands in.
uint id_at(uint base, uint i, uint to) { return base + i * LANES < to ? base + i * LANES : base; }

#include "sample_bins.glsl"
#include "sample_all.glsl"
#include "sample_few.glsl"
#include "reduce.glsl"
#include "sample_parts.glsl"
#include "last_workgroup.glsl"

void main()
{
    uint lane = gl_LocalInvocationID.x;
    uint t = Row0 + gl_WorkGroupID.y;
    row = t * V;
    uint from = gl_WorkGroupID.x * Segment;
    uint to = min(from + Segment, V);
    uint place = gl_SubgroupID * gl_SubgroupSize + gl_SubgroupInvocationID;

    // 1 Ids that may not be drawn are taken out, by the invocation that reads them; its first logits are on their way meanwhile.
    float l[4];
    [[unroll]] for (uint i = 0; i < 4u; i++) l[i] = logits[row + min(id_at(from + place, i, to), to - 1u)];
    for (uint s = 0; s < S; s++)
    {
        uint id = uint(suppress[s]);
        if (id < from || id >= to || (id - from) % LANES != place) continue;
        logits[row + id] = minus_infinity();
        [[unroll]] for (uint i = 0; i < 4u; i++) l[i] = id == id_at(from + place, i, to) ? minus_infinity() : l[i];
    }

    uint end = Masked == 1u ? to : from;
    for (uint id = from + place; id < end; id += LANES)
    {
        if ((allowed[t * ((V + 31u) / 32u) + id / 32u] >> (id & 31u) & 1u) == 1u) continue;
        logits[row + id] = minus_infinity();
        [[unroll]] for (uint i = 0; i < 4u; i++) l[i] = id == id_at(from + place, i, to) ? minus_infinity() : l[i];
    }

    // 2 The largest logit of each block, and its lowest id. NaN and infinity are told by their bits: then nothing can be drawn.
    //   An invocation reads what it alone may have written; what stands in is no larger than itself.
    float largestOwn = minus_infinity();
    uint id = 0xffffffffu;
    int highest = int(0x80000000u); // of the bits as signed numbers: infinity and NaN are above all else
    uint widest = 0u;               // and as unsigned ones: NaN with a sign is
    for (uint base = from + place; base < to;)
    {
        [[unroll]] for (uint i = 0; i < 4u; i++)
        {
            highest = max(highest, floatBitsToInt(l[i]));
            widest = max(widest, floatBitsToUint(l[i]));
            float own = Draws == 0u ? l[i] : l[i] / Temperature;
            id = own > largestOwn ? base + i * LANES : id;
            largestOwn = own > largestOwn ? own : largestOwn;
        }

        base += 4u * LANES;
        [[unroll]] for (uint i = 0; i < 4u; i++) l[i] = base < to ? logits[row + id_at(base, i, to)] : 0.0;
    }

    uint key = highest < 0x7f800000 && widest <= 0xff800000u ? key_of(largestOwn == 0.0 ? 0.0 : largestOwn) : UNKNOWN_KEY;
    uint top = subgroupMax(key);
    id = subgroupMin(key == top ? id : 0xffffffffu);
    uint count = gl_NumWorkGroups.x * gl_NumSubgroups;
    uint first = gl_WorkGroupID.y * (count + gl_NumWorkGroups.x);
    if (subgroupElect())
    {
        blocks[first + gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID] = uvec2(top, id);
        largestKeys[gl_SubgroupID] = top;
    }

    // Without top-k the sum of all probabilities is needed, here relative to the part's largest.
    bool summed = Draws == 1u && (TopK == 0u || TopK >= V);
    if (summed)
    {
        barrier(); // one key per subgroup is written
        for (uint i = 0; i < gl_NumSubgroups; i++) top = max(top, largestKeys[i]);
        float sum = top > LOWEST_KEY ? part_sum(from, to, place, value_of(top)) : 0.0;
        if (lane == 0u) blocks[first + count + gl_WorkGroupID.x] = uvec2(top, floatBitsToUint(sum));
    }

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
    if (!drawn || Draws == 0u)
    {
        if (lane == 0u) ids[t + Ahead] = drawn ? int(id) : -1;
        return;
    }

    // 4 to 8 Among all in parts, or among a few that hold all that can stay, or else among all by counting.
    float best = value_of(top);
    float all = summed ? sum_of_parts(first + count, gl_NumWorkGroups.x, best) : 0.0;
    if (summed && TopP >= 1.0 && MinP <= 0.0)
    {
        id = draw_of_parts(t, gl_NumWorkGroups.x, best);
        if (lane == 0u) ids[t + Ahead] = int(id);
        return;
    }

    uint floorKey = reached_by(summed ? FEW / 2u : TopK, largest);
    // Without top-p it is min-p that says what can stay; with some room, because logarithms are inexact.
    if (summed && TopP >= 1.0) floorKey = key_of(best + min(0.0, log(MinP)) - 1e-3);
    if (collect(floorKey, largest))
    {
        id = draw_of_few(t, best, all);
        if (lane == 0u && id != 0xffffffffu) ids[t + Ahead] = int(id);
        if (id != 0xffffffffu) return;
    }

    draw_of_all(t, best, floorKey);
}
