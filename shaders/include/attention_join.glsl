// What follows attend() in AttentionDecode: the last workgroup of a tile joins the tile's parts, so that no dispatch has to wait for them all.
// Include after attention_tile.glsl, with RESULT_ACCESS coherent and the number of the first binding in OUT_BINDING.
//
// Bindings        OUT_BINDING: out [., H, W] float, written where Parts is above 1    OUT_BINDING + 1: counters, zero between dispatches
//                 binding 5, where Parts is above 1: the parts, and behind them those of runs, laid out alike with Runs for Parts
// Assumptions     Parts is at most RUN * RUN
// Mapping         parts are joined in runs of RUN, each by the workgroup that ends its last part; where there are several runs, the workgroup
//                 that ends the last run joins them
// Why             a run's sums come from as many workgroups as there are runs, at the same time; one workgroup for all parts would read
//                 megabytes alone. Parts and runs are added in the order of their numbers, so the result is the same whoever is last
layout(set = 0, binding = OUT_BINDING, std430) coherent buffer Out { float outputs[]; };
layout(set = 0, binding = OUT_BINDING + 1, std430) coherent buffer Counters { uint counters[]; };

const uint RUN = 16u;
shared float shareOf[16u * RUN]; // weight of each part of each query
shared float totalOf[16];
shared uint isLast;

// Counts this workgroup at a counter; true in all its invocations if it is the last of so many. What it and those before it wrote is then visible.
bool last_of(uint counter, uint workgroups)
{
    memoryBarrierBuffer();
    barrier(); // all of this workgroup's results are written before it is counted
    if (gl_LocalInvocationID.x == 0u)
    {
        isLast = atomicAdd(counters[counter], 1u) + 1u == workgroups ? 1u : 0u;
        if (isLast == 1u) atomicExchange(counters[counter], 0u);
    }

    barrier(); // the count is known to all
    memoryBarrierBuffer();
    return isLast == 1u;
}

// Joins parts first .. first + count - 1 (at most RUN) of the tile's heads, of which each has Slots in result from base on: into part `to` of
// those from toBase on with toSlots each, or into outputs where toSlots is 0.
void join(uint t, uint h0, uint base, uint slots, uint first, uint count, uint toBase, uint toSlots, uint to)
{
    uint lane = gl_LocalInvocationID.x;
    uint tails = base + T * H * slots * W;
    if (lane < Queries)
    {
        uint tail = tails + ((t * H + h0 + lane) * slots + first) * 2u;
        float m = LOWEST;
        for (uint p = 0; p < count; p++) m = max(m, result[tail + 2u * p]);
        float total = 0.0;
        for (uint p = 0; p < count; p++)
        {
            float weight = exp_exact(result[tail + 2u * p] - m);
            total = fma(weight, result[tail + 2u * p + 1u], total);
            shareOf[lane * RUN + p] = weight;
        }

        totalOf[lane] = total;
        if (toSlots > 0u)
        {
            uint toTail = toBase + T * H * toSlots * W + ((t * H + h0 + lane) * toSlots + to) * 2u;
            result[toTail] = m;
            result[toTail + 1u] = total;
        }
    }

    barrier(); // shares are there before columns are added
    for (uint at = lane; at < Queries * W; at += 128u)
    {
        uint i = at / W;
        uint c = at % W;
        uint head = t * H + h0 + i;
        float sum = 0.0;
        for (uint p = 0; p < count; p++) sum = fma(shareOf[i * RUN + p], result[base + (head * slots + first + p) * W + c], sum);
        if (toSlots > 0u) result[toBase + (head * toSlots + to) * W + c] = sum;
        else outputs[(Row0 * H + head) * W + c] = totalOf[i] == 0.0 ? 0.0 : sum / totalOf[i];
    }
}

// True in the workgroup whose tile is whole by now: in outputs, or in result where there is one part.
bool joined(uint t, uint h0, uint split)
{
    if (Parts == 1u) return true;
    uint runs = (Parts + RUN - 1u) / RUN;
    uint counter = (t * (H / Queries) + h0 / Queries) * (runs + 1u);
    uint run = (Part0 + split) / RUN;
    uint count = min(RUN, Parts - run * RUN);
    uint second = T * H * Parts * (W + 2u);
    if (!last_of(counter + run, count)) return false;
    join(t, h0, 0u, Parts, run * RUN, count, second, runs > 1u ? runs : 0u, run);
    if (runs == 1u) return true;
    if (!last_of(counter + runs, runs)) return false;
    join(t, h0, second, runs, 0u, runs, 0u, 0u, 0u);
    return true;
}
