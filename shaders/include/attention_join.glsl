// What follows in AttentionDecode when a workgroup has made its part: the last workgroup of a tile joins the tile's parts, so that no dispatch has to
// wait for them all.
// Needs: the constants and push constants of attention_tile.glsl or attention_rows_matrix.glsl, result as coherent vec4, the number of the first binding
// in OUT_BINDING, JOINERS: invocations of the workgroup, COLUMNS_AT_ONCE: vectors of columns that an invocation adds at a time, and HEADS_OF_TILE: query i
// of a tile is row t0 + i / HEADS_OF_TILE, head h0 + i % HEADS_OF_TILE.
//
// Bindings        OUT_BINDING: out [., H, W] float, written where parts are joined    OUT_BINDING + 1: counters, zero between dispatches
//                 binding 5, where Parts is above 1: the parts, and behind them those of runs, laid out alike with Runs for Parts
// Assumptions     Parts is at most RUN * RUN
// Mapping         parts are joined in runs of RUN, each by the workgroup that ends its last part; where there are several runs, the workgroup
//                 that ends the last run joins them. Splits whose keys nobody sees write nothing and are not waited for
// Why             a run's sums come from as many workgroups as there are runs, at the same time; one workgroup for all parts would read
//                 megabytes alone. Parts and runs are added in the order of their numbers, and one that a row sees nothing of leaves its sums as
//                 they are, so the result is the same whoever is last and whatever the rows beside it see
layout(set = 0, binding = OUT_BINDING, std430) coherent buffer Out { vec4 outputs[]; };
layout(set = 0, binding = OUT_BINDING + 1, std430) coherent buffer Counters { uint counters[]; };

const uint RUN = 16u;
const uint AT_ONCE = 4u; // parts of a column that are on their way together
const uint Vectors = Queries * RUN;
shared float topOf[Vectors];   // maximum of each part of each query
shared float sumOf[Vectors];   // its sum of weights
shared float shareOf[Vectors]; // its weight
#include "last_workgroup.glsl"

// Splits that see something: so many from the first on, around the end. Of several chunks each has all of them.
uint firstSplit = 0u;
uint splitCount = 0u;

// Whether a split has something to do, where its keys come in turns of so many and positions low to high are seen.
bool takes_part(uint split, int low, int high, uint keys)
{
    uint turns = high < low ? 1u : uint(high) / keys - uint(low) / keys + 1u;
    firstSplit = high < low || Parts != Splits ? 0u : uint(low) / keys % Splits;
    splitCount = Parts != Splits ? Splits : min(turns, Splits);
    return (split + Splits - firstSplit) % Splits < splitCount;
}

// Bits a to b - 1 of what begins at bit `from` and ends before `to`.
uint bits_within(uint a, uint b, uint from, uint to)
{
    a = max(a, from);
    b = min(b, to);
    return a < b ? ((1u << (b - a)) - 1u) << (a - from) : 0u;
}

// Parts of a run that are written, as bits.
uint parts_of(uint run)
{
    uint from = run * RUN;
    uint to = min(from + RUN, Parts);
    if (Parts != Splits) return bits_within(from, to, from, to);
    uint end = firstSplit + splitCount;
    return bits_within(firstSplit, min(end, Splits), from, to) | bits_within(0u, max(end, Splits) - Splits, from, to);
}

// Number of query i's row and head among those of the dispatch; T * H or more where there is none.
uint head_of(uint t0, uint h0, uint i)
{
    uint row = i / HEADS_OF_TILE;
    return row < Queries / HEADS_OF_TILE && t0 + row < T ? (t0 + row) * H + h0 + i % HEADS_OF_TILE : T * H;
}

// Joins those parts of first .. first + RUN - 1 whose bit is set, of the tile's heads, of which each has so many slots in result from base on: into part
// `to` of those from toBase on with toSlots each, or into outputs where toSlots is 0.
void join(uint t0, uint h0, uint base, uint slots, uint first, uint set, uint toBase, uint toSlots, uint to)
{
    uint id = gl_LocalInvocationID.x;
    uint count = uint(bitCount(set));
    uint lowest = uint(findLSB(set));
    // Parts follow each other, but for a gap where the splits' ring ends within the run.
    uint before = uint(findLSB(~(set >> lowest)));
    uint gap = before < count ? uint(findLSB(set >> (lowest + before))) : 0u;
    for (uint at = id; at < Vectors; at += JOINERS)
    {
        uint part = at % RUN;
        uint head = min(head_of(t0, h0, at / RUN), T * H - 1u);
        uint tail = base + T * H * slots * W + (head * slots + first + part) * 2u;
        bool there = (set >> part & 1u) == 1u;
        topOf[at] = there ? result[tail / 4u][tail % 4u] : LOWEST;
        sumOf[at] = there ? result[tail / 4u][tail % 4u + 1u] : 0.0;
    }

    barrier(); // all maxima are there
    for (uint at = id; at < Vectors; at += JOINERS)
    {
        float m = LOWEST;
        for (uint p = 0; p < RUN; p++) m = max(m, topOf[at / RUN * RUN + p]);
        shareOf[at] = (set >> (at % RUN) & 1u) == 1u ? exp_exact(topOf[at] - m) : 0.0;
        uint head = head_of(t0, h0, at / RUN);
        if (at % RUN == 0u && toSlots > 0u && head < T * H)
        {
            uint toTail = toBase + T * H * toSlots * W + (head * toSlots + to) * 2u;
            result[toTail / 4u][toTail % 4u] = m;
        }
    }

    barrier(); // shares are there before columns are added
    uint columns4 = W / 4u;
    for (uint from = id; from < Queries * columns4; from += COLUMNS_AT_ONCE * JOINERS)
    {
        vec4 sum[COLUMNS_AT_ONCE];
        float total[COLUMNS_AT_ONCE];
        uint query[COLUMNS_AT_ONCE], place[COLUMNS_AT_ONCE];
        [[unroll]] for (uint c = 0; c < COLUMNS_AT_ONCE; c++)
        {
            uint at = min(from + c * JOINERS, Queries * columns4 - 1u);
            sum[c] = vec4(0.0);
            total[c] = 0.0;
            query[c] = at / columns4;
            place[c] = base / 4u + (min(head_of(t0, h0, query[c]), T * H - 1u) * slots + first + lowest) * columns4 + at % columns4;
        }

        [[dont_unroll]] for (uint p = 0; p < count; p += AT_ONCE)
        {
            // All loads first: a part that is not there repeats the last, with no weight.
            vec4 v[COLUMNS_AT_ONCE * AT_ONCE];
            [[unroll]] for (uint i = 0; i < COLUMNS_AT_ONCE * AT_ONCE; i++)
            {
                uint each = min(p + i % AT_ONCE, count - 1u);
                v[i] = result[place[i / AT_ONCE] + (each < before ? each : each + gap) * columns4];
            }

            [[unroll]] for (uint i = 0; i < COLUMNS_AT_ONCE * AT_ONCE; i++)
            {
                uint c = i / AT_ONCE;
                uint each = p + i % AT_ONCE;
                uint slot = query[c] * RUN + lowest + (each < before ? each : each + gap);
                if (each < count)
                {
                    sum[c] = fma(vec4(shareOf[slot]), v[i], sum[c]);
                    total[c] = fma(shareOf[slot], sumOf[slot], total[c]);
                }
            }
        }

        [[unroll]] for (uint c = 0; c < COLUMNS_AT_ONCE; c++)
        {
            uint at = from + c * JOINERS;
            uint head = head_of(t0, h0, query[c]);
            if (at >= Queries * columns4 || head >= T * H) continue;
            uint c4 = at % columns4;
            if (toSlots == 0u)
            {
                outputs[(Row0 * H + head) * columns4 + c4] = total[c] == 0.0 ? vec4(0.0) : sum[c] / total[c];
                continue;
            }

            result[toBase / 4u + (head * toSlots + to) * columns4 + c4] = sum[c];
            uint toTail = toBase + T * H * toSlots * W + (head * toSlots + to) * 2u;
            if (c4 == 0u) result[toTail / 4u][toTail % 4u + 1u] = total[c];
        }
    }
}

// True in the workgroup whose tile is whole by now: in outputs, or in result where Parts is 1.
bool joined(uint t0, uint h0, uint tile, uint split)
{
    if (Parts == 1u) return true;
    uint runs = (Parts + RUN - 1u) / RUN;
    uint counter = tile * (runs + 1u);
    uint run = (Part0 + split) / RUN;
    uint set = parts_of(run);
    uint others = 0u;
    for (uint r = 0; r < runs; r++) others |= (parts_of(r) != 0u ? 1u : 0u) << r;
    uint second = (T * H * Parts * (W + 2u) + 3u) / 4u * 4u;
    bool alone = bitCount(others) == 1;
    bool last = true;
    // A loop, so that there is one copy of what it does: code that is fetched anew in every layer takes longer than its work.
    [[dont_unroll]] for (uint level = 0u; level < (alone ? 1u : 2u) && last; level++)
    {
        bool whole = level == 1u;
        last = last_of(counter + (whole ? runs : run), uint(bitCount(whole ? others : set)));
        if (last) join(t0, h0, whole ? second : 0u, whole ? runs : Parts, whole ? 0u : run * RUN, whole ? others : set, second, whole || alone ? 0u : runs, run);
    }

    return last;
}
